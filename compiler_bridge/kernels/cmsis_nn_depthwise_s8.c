#include "cmsis_nn_channels.h"

/* A depthwise convolution by CMSIS-NN. */
typedef struct {
    cmsis_nn_dw_conv_params params;
    cmsis_nn_dims in, filter, out;
    const int8_t *weights;
    fg_cmsis_nn_channels channels;
    int32_t scratch_bytes;
} fg_cmsis_nn_depthwise_s8_t;

static void fg_cmsis_nn_depthwise_s8(const fg_cmsis_nn_depthwise_s8_t *p, const int8_t *in,
                                     int8_t *out, void *scratch)
{
    const cmsis_nn_context context = {scratch, p->scratch_bytes};
    const cmsis_nn_per_channel_quant_params scales = fg_cmsis_nn_scales(&p->channels);
    const cmsis_nn_dims bias = {1, 1, 1, p->out.c};
    fg_cmsis_nn_require(arm_depthwise_conv_wrapper_s8_get_buffer_size(
                            &p->params, &p->in, &p->filter, &p->out) <= p->scratch_bytes);
    fg_cmsis_nn_done(arm_depthwise_conv_wrapper_s8(&context, &p->params, &scales, &p->in, in,
                                                   &p->filter, p->weights, &bias,
                                                   p->channels.bias, &p->out, out));
}
