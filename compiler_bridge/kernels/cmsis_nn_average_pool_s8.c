#include "cmsis_nn.h"

/* Averages by CMSIS-NN. */
typedef struct {
    cmsis_nn_pool_params params;
    cmsis_nn_dims in, filter, out;
    int32_t scratch_bytes;
} fg_cmsis_nn_average_pool_s8_t;

static void fg_cmsis_nn_average_pool_s8(const fg_cmsis_nn_average_pool_s8_t *p, const int8_t *in,
                                        int8_t *out, void *scratch)
{
    const cmsis_nn_context context = {scratch, p->scratch_bytes};
    fg_cmsis_nn_require(arm_avgpool_s8_get_buffer_size((int)p->out.w, (int)p->in.c) <=
                        p->scratch_bytes);
    fg_cmsis_nn_done(
        arm_avgpool_s8(&context, &p->params, &p->in, in, &p->filter, &p->out, out));
}
