#include "cmsis_nn.h"

/* A fully connected layer with one scale by CMSIS-NN. Inputs come without an offset: it is in the
 * bias. So what the library wants to be computed once for Helium, offset times sum of a row's weights,
 * with or without the bias as the release may be, is the bias. */
typedef struct {
    cmsis_nn_fc_params params;
    cmsis_nn_per_tensor_quant_params scale;
    cmsis_nn_dims in, filter, out;
    const int8_t *weights;
    const int32_t *bias;
} fg_cmsis_nn_fully_connected_s8_t;

static void fg_cmsis_nn_fully_connected_s8(const fg_cmsis_nn_fully_connected_s8_t *p,
                                           const int8_t *in, int8_t *out)
{
    const cmsis_nn_context sums = {(void *)(uintptr_t)p->bias,
                                   p->out.c * (int32_t)sizeof(int32_t)};
    const cmsis_nn_dims bias = {1, 1, 1, p->out.c};
    fg_cmsis_nn_done(arm_fully_connected_s8(&sums, &p->params, &p->scale, &p->in, in, &p->filter,
                                            p->weights, &bias, p->bias, &p->out, out));
}
