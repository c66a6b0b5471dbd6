#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_fully_connected_s8(const cmsis_nn_context *context,
                                           const cmsis_nn_fc_params *params,
                                           const cmsis_nn_per_tensor_quant_params *scale,
                                           const cmsis_nn_dims *in, const int8_t *x,
                                           const cmsis_nn_dims *filter, const int8_t *weights,
                                           const cmsis_nn_dims *bias_dims, const int32_t *bias,
                                           const cmsis_nn_dims *out, int8_t *y)
{
    if (context->buf == NULL || context->size < 4 * out->c || bias_dims->c != out->c ||
        filter->c != out->c) {
        return ARM_CMSIS_NN_ARG_ERROR;
    }
    for (int32_t n = 0; n < in->n; n++, x += filter->n) {
        for (int32_t row = 0; row < out->c; row++) {
            int32_t sum = bias[row];
            for (int32_t i = 0; i < filter->n; i++) {
                sum += (x[i] + params->input_offset) * weights[row * filter->n + i];
            }
            *y++ = arm_nn_scaled_within(sum, scale->multiplier, scale->shift,
                                        params->output_offset, params->activation);
        }
    }
    return ARM_CMSIS_NN_SUCCESS;
}
