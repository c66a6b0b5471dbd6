#include "one_over.h"

static inline int32_t fg_leading_zeros(int32_t x)
{
    int32_t n = 0;
    while (n < 32 && ((uint32_t)x << n & 0x80000000u) == 0u) {
        n++;
    }
    return n;
}

static inline int32_t fg_half_sum(int32_t a, int32_t b)
{
    const int64_t sum = (int64_t)a + b;
    return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/* The logarithm, in Q5.26, of x >= 1 in Q12.19: x is a power of 2 times r near sqrt(sqrt(1/2)), for
 * whose logarithm there is a quotient of polynomials (TensorFlow Lite). */
static int32_t fg_log_fixed(int32_t x)
{
    const int32_t middle = 1805811301; /* sqrt(sqrt(1/2)); these are Q0.31 */
    const int32_t half_root = 1518500250;
    const int32_t quarter = 1 << 23; /* in Q6.25 */
    const int32_t zeros_a = fg_leading_zeros(x);
    const int32_t half_a = fg_doubling_high_mul((int32_t)((uint32_t)x << (zeros_a - 1)), half_root);
    const int32_t r_a = half_a >= 1 << 30 ? INT32_MAX : 2 * half_a;
    const int32_t power_a = (12 - zeros_a) * (1 << 25) + quarter;
    const int32_t headroom_b = fg_leading_zeros(fg_doubling_high_mul(x, half_root)) - 1;
    const int64_t shifted = (int64_t)x << headroom_b;
    const int32_t r_b = shifted > INT32_MAX ? INT32_MAX : (int32_t)shifted;
    const int32_t power_b = (12 - headroom_b) * (1 << 25) - quarter;
    const int32_t r = r_a < r_b ? r_a : r_b;
    const int32_t power = power_a > power_b ? power_a : power_b;

    const int32_t p = fg_half_sum(r, middle);
    const int32_t q = 2 * (r - middle);
    const int32_t square = fg_doubling_high_mul(q, q);
    const int32_t above = fg_doubling_high_mul(q, r)
                          + fg_doubling_high_mul(fg_doubling_high_mul(q, square), 117049297);
    const int32_t below = fg_doubling_high_mul(p, 1057819769 + q + fg_doubling_high_mul(127690142, square))
                          + fg_doubling_high_mul(638450708, q);
    const int32_t share = fg_doubling_high_mul(fg_rounding_shift_right(above, 6),
                                               fg_one_over_one_plus(below));
    return 2 * (fg_doubling_high_mul(power, 1488522236) + share); /* Q6.25 by the logarithm of 2 */
}
