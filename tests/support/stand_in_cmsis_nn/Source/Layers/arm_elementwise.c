#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_elementwise_add_s8(const int8_t *a, const int8_t *b, int32_t a_offset,
                                           int32_t a_multiplier, int32_t a_shift, int32_t b_offset,
                                           int32_t b_multiplier, int32_t b_shift,
                                           int32_t left_shift, int8_t *y, int32_t y_offset,
                                           int32_t y_multiplier, int32_t y_shift, int32_t low,
                                           int32_t high, int32_t n)
{
    const cmsis_nn_activation range = {low, high};
    for (; n > 0; n--) {
        const int32_t one = (*a++ + a_offset) * (1 << left_shift);
        const int32_t other = (*b++ + b_offset) * (1 << left_shift);
        const int32_t sum = arm_nn_scaled(one, a_multiplier, a_shift) +
                            arm_nn_scaled(other, b_multiplier, b_shift);
        *y++ = arm_nn_scaled_within(sum, y_multiplier, y_shift, y_offset, range);
    }
    return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_elementwise_mul_s8(const int8_t *a, const int8_t *b, int32_t a_offset,
                                           int32_t b_offset, int8_t *y, int32_t y_offset,
                                           int32_t y_multiplier, int32_t y_shift, int32_t low,
                                           int32_t high, int32_t n)
{
    const cmsis_nn_activation range = {low, high};
    for (; n > 0; n--) {
        const int32_t product = (*a++ + a_offset) * (*b++ + b_offset);
        *y++ = arm_nn_scaled_within(product, y_multiplier, y_shift, y_offset, range);
    }
    return ARM_CMSIS_NN_SUCCESS;
}
