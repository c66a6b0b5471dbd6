#include "clamp.h"
#include "log_fixed.h"
#include "multiply_fixed.h"

/* Logarithms of shares of exponentials over rows of int8 values: 16 lines of 1/16 below 0. exp[d] is
 * e^(-d * scale) in Q0.31 for a value d below the row's maximum; beyond `last` it counts as nothing.
 * multiplier and shift bring differences to Q5.26, back_multiplier and back_shift undo that. */
typedef struct {
    const int32_t *exp;
    int32_t last, multiplier, shift, back_multiplier, back_shift, least;
    int32_t rows, columns;
} fg_log_softmax_s8_t;

static void fg_log_softmax_s8(const fg_log_softmax_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = -128;
        for (int32_t i = 0; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        int32_t sum = 0; /* Q12.19 */
        for (int32_t i = 0; i < p->columns; i++) {
            sum += max - in[i] <= p->last ? fg_rounding_shift_right(p->exp[max - in[i]], 12) : 0;
        }
        const int32_t log_sum = fg_log_fixed(sum);
        const int32_t end = fg_multiply(log_sum + INT32_MIN, p->back_multiplier, p->back_shift);
        const int32_t beyond = end > p->least ? end : p->least;
        for (int32_t i = 0; i < p->columns; i++) {
            int32_t y = -128;
            if (in[i] - max > beyond) {
                const int32_t x = fg_multiply(in[i] - max, p->multiplier, p->shift);
                const int32_t log = (int32_t)((uint32_t)x - (uint32_t)log_sum);
                y = fg_clamp(fg_rounding_shift_right(log, 22) + 127, -128, 127);
            }
            out[i] = (int8_t)y;
        }
        in += p->columns;
        out += p->columns;
    }
}
