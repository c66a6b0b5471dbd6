#include "arm_nnsupportfunctions.h"

int32_t arm_nn_scaled(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
    const int64_t product = (int64_t)(int32_t)((uint32_t)value << left) * multiplier;
    const int32_t high = (int32_t)((product + ((int64_t)1 << 30)) >> 31);
    const int64_t half = right ? (int64_t)1 << (right - 1) : 0;
    return (int32_t)((high + half - (high < 0 && right ? 1 : 0)) >> right);
}

int8_t arm_nn_scaled_within(int32_t value, int32_t multiplier, int32_t shift, int32_t offset,
                            cmsis_nn_activation range)
{
    const int32_t y = arm_nn_scaled(value, multiplier, shift) + offset;
    return (int8_t)(y < range.min ? range.min : y > range.max ? range.max : y);
}

void arm_nn_spoil(const cmsis_nn_context *context)
{
    memset(context->buf, 0x55, (size_t)context->size);
}
