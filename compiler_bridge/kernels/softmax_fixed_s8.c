#include "fixed_point.h"
#include "clamp.h"

/* Softmax in TensorFlow Lite's fixed point. exp[d] is e^(-d * beta * scale) in Q0.31 for a value d
 * below the row's maximum; beyond `last` it counts as nothing. */
typedef struct {
    const int32_t *exp;
    int32_t last;
    int32_t rows, columns;
} fg_softmax_fixed_s8_t;

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

static void fg_softmax_fixed_s8(const fg_softmax_fixed_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = -128;
        for (int32_t i = 0; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        int32_t sum = 0; /* Q12.19 */
        for (int32_t i = 0; i < p->columns; i++) {
            if (max - in[i] <= p->last) {
                sum += fg_rounding_shift_right(p->exp[max - in[i]], 12);
            }
        }
        int32_t headroom = 0;
        while (((uint32_t)sum << headroom & 0x80000000u) == 0u) {
            headroom++;
        }
        const int32_t fraction = (int32_t)(((uint32_t)sum << headroom) - 0x80000000u);
        const int32_t scale = fg_one_over_one_plus(fraction);
        const int32_t shift = headroom >= 4 ? 35 - headroom : 31;
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t d = max - in[i];
            int32_t y = -128;
            if (d <= p->last) {
                y += fg_rounding_shift_right(fg_doubling_high_mul(scale, p->exp[d]), shift);
            }
            out[i] = (int8_t)fg_clamp(y, -128, 127);
        }
        in += p->columns;
        out += p->columns;
    }
}
