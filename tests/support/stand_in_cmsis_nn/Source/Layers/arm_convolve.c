#include "arm_nnsupportfunctions.h"

/* One output of a filter that lies at `weights`, its taps `tap` apart and its channels one. */
static int32_t sum_at(const cmsis_nn_conv_params *p, const cmsis_nn_dims *in, const int8_t *x,
                      const cmsis_nn_dims *filter, const int8_t *weights, int32_t tap,
                      int32_t channels, int32_t row, int32_t column)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < filter->h; i++) {
        for (int32_t j = 0; j < filter->w; j++) {
            const int32_t h = row * p->stride.h - p->padding.h + i * p->dilation.h;
            const int32_t w = column * p->stride.w - p->padding.w + j * p->dilation.w;
            if (h < 0 || w < 0 || h >= in->h || w >= in->w) {
                continue;
            }
            for (int32_t c = 0; c < channels; c++) {
                sum += (x[(h * in->w + w) * in->c + c] + p->input_offset) *
                       weights[(i * filter->w + j) * tap + c];
            }
        }
    }
    return sum;
}

int32_t arm_convolve_wrapper_s8_get_buffer_size(const cmsis_nn_conv_params *params,
                                                const cmsis_nn_dims *in,
                                                const cmsis_nn_dims *filter,
                                                const cmsis_nn_dims *out)
{
    (void)params;
    (void)out;
    return filter->h * filter->w == 1 ? 0 : 4 * filter->h * filter->w * in->c;
}

arm_cmsis_nn_status arm_convolve_wrapper_s8(const cmsis_nn_context *context,
                                            const cmsis_nn_conv_params *params,
                                            const cmsis_nn_per_channel_quant_params *scales,
                                            const cmsis_nn_dims *in, const int8_t *x,
                                            const cmsis_nn_dims *filter, const int8_t *weights,
                                            const cmsis_nn_dims *bias_dims, const int32_t *bias,
                                            const cmsis_nn_dims *out, int8_t *y)
{
    const int32_t size = filter->h * filter->w * in->c;
    if (filter->c != in->c || filter->n != out->c || bias_dims->c != out->c) {
        return ARM_CMSIS_NN_ARG_ERROR;
    }
    for (int32_t n = 0; n < in->n; n++, x += in->h * in->w * in->c) {
        for (int32_t pixel = 0; pixel < out->h * out->w; pixel++) {
            for (int32_t c = 0; c < out->c; c++) {
                const int32_t sum = sum_at(params, in, x, filter, weights + c * size, in->c, in->c,
                                           pixel / out->w, pixel % out->w);
                *y++ = arm_nn_scaled_within(sum + bias[c], scales->multiplier[c], scales->shift[c],
                                            params->output_offset, params->activation);
            }
        }
    }
    arm_nn_spoil(context);
    return ARM_CMSIS_NN_SUCCESS;
}

int32_t arm_depthwise_conv_wrapper_s8_get_buffer_size(const cmsis_nn_dw_conv_params *params,
                                                      const cmsis_nn_dims *in,
                                                      const cmsis_nn_dims *filter,
                                                      const cmsis_nn_dims *out)
{
    (void)params;
    (void)in;
    (void)filter;
    (void)out;
    return 0;
}

arm_cmsis_nn_status arm_depthwise_conv_wrapper_s8(const cmsis_nn_context *context,
                                                  const cmsis_nn_dw_conv_params *params,
                                                  const cmsis_nn_per_channel_quant_params *scales,
                                                  const cmsis_nn_dims *in, const int8_t *x,
                                                  const cmsis_nn_dims *filter,
                                                  const int8_t *weights,
                                                  const cmsis_nn_dims *bias_dims,
                                                  const int32_t *bias, const cmsis_nn_dims *out,
                                                  int8_t *y)
{
    const cmsis_nn_conv_params same = {params->input_offset, params->output_offset, params->stride,
                                       params->padding, params->dilation, params->activation};
    if (in->c * params->ch_mult != out->c || filter->c != out->c || bias_dims->c != out->c) {
        return ARM_CMSIS_NN_ARG_ERROR;
    }
    for (int32_t n = 0; n < in->n; n++, x += in->h * in->w * in->c) {
        for (int32_t pixel = 0; pixel < out->h * out->w; pixel++) {
            for (int32_t c = 0; c < out->c; c++) {
                const int32_t sum = sum_at(&same, in, x + c / params->ch_mult, filter, weights + c,
                                           out->c, 1, pixel / out->w, pixel % out->w);
                *y++ = arm_nn_scaled_within(sum + bias[c], scales->multiplier[c], scales->shift[c],
                                            params->output_offset, params->activation);
            }
        }
    }
    arm_nn_spoil(context);
    return ARM_CMSIS_NN_SUCCESS;
}
