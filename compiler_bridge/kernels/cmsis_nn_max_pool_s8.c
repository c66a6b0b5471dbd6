#include "cmsis_nn.h"

/* Maxima by CMSIS-NN. */
typedef struct {
    cmsis_nn_pool_params params;
    cmsis_nn_dims in, filter, out;
} fg_cmsis_nn_max_pool_s8_t;

static void fg_cmsis_nn_max_pool_s8(const fg_cmsis_nn_max_pool_s8_t *p, const int8_t *in, int8_t *out)
{
    const cmsis_nn_context none = {NULL, 0};
    fg_cmsis_nn_done(arm_max_pool_s8(&none, &p->params, &p->in, in, &p->filter, &p->out, out));
}
