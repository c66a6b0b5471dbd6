#include "clamp.h"
#include "multiply_fixed.h"

/* Sums of int8 values up to each, see cumulate_f32.c; in steps of half a value's with 20 spare bits
 * (TensorFlow Lite). */
typedef struct {
    int32_t outer, n, inner;
    int32_t exclusive, reverse;
    int32_t in_zero_point, out_zero_point, multiplier, shift;
} fg_cumulate_fixed_s8_t;

static void fg_cumulate_fixed_s8(const fg_cumulate_fixed_s8_t *p, const int8_t *in, int8_t *out)
{
    const int32_t step = p->reverse ? -p->inner : p->inner;
    const int32_t first = p->reverse ? (p->n - 1) * p->inner : 0;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->inner; c++) {
            int32_t at = o * p->n * p->inner + first + c;
            int32_t sum = -p->in_zero_point * (1 << 19);
            for (int32_t i = 0; i < p->n; i++) {
                const int32_t next = sum + (in[at] - p->in_zero_point) * (1 << 19);
                const int32_t y = fg_multiply(p->exclusive ? sum : next, p->multiplier, p->shift);
                out[at] = (int8_t)fg_clamp(y + p->out_zero_point, -128, 127);
                sum = next;
                at += step;
            }
        }
    }
}
