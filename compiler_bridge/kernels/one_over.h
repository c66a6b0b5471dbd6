#include "fixed_point.h"

/* 1 / (1 + x) for x in [0, 1), Q0.31, by three Newton steps. */
static int32_t fg_one_over_one_plus(int32_t x)
{
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t y = 1515870810 + fg_doubling_high_mul(half_denominator, -1010580540);
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - fg_doubling_high_mul(half_denominator, y);
        y += fg_doubling_high_mul(y, error) * 4;
    }
    return y >= (1 << 30) ? INT32_MAX : y * 2;
}
