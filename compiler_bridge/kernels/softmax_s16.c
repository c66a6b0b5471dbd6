#include "multiply_fixed.h"
#include "between_points.h"

/* Softmax of int16 values by two tables of 513 points with straight lines between them: e^x over
 * [-10, 0], and 1 / (1 + x) over [0, 1], both in Q0.15 (TensorFlow Lite). */
typedef struct {
    const int16_t *exp;
    const int16_t *reciprocal;
    int32_t multiplier, shift; /* bring a difference to steps of 10 / 65535 */
    int32_t rows, columns;
} fg_softmax_s16_t;

/* Above the sum's highest bit, the sign's place included. */
static inline int32_t fg_headroom(int32_t x)
{
    int32_t headroom = 0;
    while (((uint32_t)x << headroom & 0x80000000u) == 0u) {
        headroom++;
    }
    return headroom;
}

static void fg_softmax_s16(const fg_softmax_s16_t *p, const int16_t *in, int16_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = -32768;
        for (int32_t i = 0; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        int32_t sum = 0; /* Q16.15 */
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t steps = fg_multiply(in[i] - max, p->multiplier, p->shift);
            out[i] = (int16_t)fg_between_points(p->exp, steps + 32767);
            sum += out[i];
        }
        const int32_t headroom = fg_headroom(sum);
        const int64_t scaled = ((int64_t)sum << (headroom - 1)) + (1 << 13);
        const int32_t share = fg_between_points(p->reciprocal, (int32_t)(scaled >> 14) - 98304);
        const int32_t shift = 31 - headroom;
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t y = (int32_t)((out[i] * (int64_t)share + (1 << (shift - 1))) >> shift);
            out[i] = (int16_t)fg_clamp(y, 0, 32767);
        }
        in += p->columns;
        out += p->columns;
    }
}
