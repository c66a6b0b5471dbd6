#include "clamp.h"
#include "integer_at.h"
#include "multiply_fixed.h"

/* The largest (0), the smallest (1), or the rescaled sum (2) of each n integers of 1, 2 or 4 bytes
 * that lie `inner` apart. */
typedef struct {
    int32_t operation, bytes;
    int32_t outer, n, inner;
    int32_t in_zero_point, multiplier, shift, out_zero_point;
    int32_t low, high;
} fg_reduce_integer_t;

static inline int32_t fg_reduced_integer(const fg_reduce_integer_t *p, const void *in, int32_t at)
{
    int32_t y = fg_integer_at(in, p->bytes, at);
    for (int32_t i = 1; i < p->n; i++) {
        const int32_t x = fg_integer_at(in, p->bytes, at + i * p->inner);
        y = p->operation == 2 ? y + x : ((p->operation == 0 ? x > y : x < y) ? x : y);
    }
    if (p->operation == 2) {
        y = fg_multiply(y - p->n * p->in_zero_point, p->multiplier, p->shift) + p->out_zero_point;
        y = fg_clamp(y, p->low, p->high);
    }
    return y;
}

static void fg_reduce_integer(const fg_reduce_integer_t *p, const void *in, void *out)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->inner; c++) {
            const int32_t y = fg_reduced_integer(p, in, o * p->n * p->inner + c);
            fg_set_integer(out, p->bytes, o * p->inner + c, y);
        }
    }
}
