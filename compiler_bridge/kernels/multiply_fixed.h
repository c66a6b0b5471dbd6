#include "fixed_point.h"

static inline FG_MAY_BE_UNUSED int32_t fg_multiply(int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int32_t shifted = (int32_t)((uint32_t)x << left);
    return fg_rounding_shift_right(fg_doubling_high_mul(shifted, multiplier), right);
}
