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

/* The reciprocal of a row's sum of exponentials: scale * 2^(headroom - 31). */
typedef struct {
    int32_t scale;
    int32_t headroom;
} fg_softmax_share;

/* exp[d] is e^(-d * beta * scale) in Q0.31 for a value d below the maximum; beyond `last` it counts
 * as nothing. */
static fg_softmax_share fg_softmax_fixed_share(const int32_t *exp, int32_t last, const int8_t *in,
                                               int32_t columns, int32_t max)
{
    int32_t sum = 0; /* Q12.19 */
    for (int32_t i = 0; i < columns; i++) {
        if (max - in[i] <= last) {
            sum += fg_rounding_shift_right(exp[max - in[i]], 12);
        }
    }
    fg_softmax_share share = {0, 0};
    while (((uint32_t)sum << share.headroom & 0x80000000u) == 0u) {
        share.headroom++;
    }
    share.scale = fg_one_over_one_plus((int32_t)(((uint32_t)sum << share.headroom) - 0x80000000u));
    return share;
}
