#include "clamp.h"
#include "integer_at.h"
#include "loops4.h"
#include "multiply_fixed.h"

/* (a - b)^2 of quantized values of 1 or 2 bytes: both are brought to a common scale with spare bits. */
typedef struct {
    fg_loops4 loops;
    int32_t bytes, spare;
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t out_zero_point, out_multiplier, out_shift;
    int32_t low, high;
} fg_squared_difference_fixed_t;

static inline int32_t fg_squared_difference_one(const fg_squared_difference_fixed_t *p, int32_t a,
                                                int32_t b)
{
    const int32_t x = fg_multiply((a + p->a_offset) * p->spare, p->a_multiplier, p->a_shift);
    const int32_t y = fg_multiply((b + p->b_offset) * p->spare, p->b_multiplier, p->b_shift);
    const uint32_t gap = (uint32_t)(x - y);
    const int32_t square = fg_multiply((int32_t)(gap * gap), p->out_multiplier, p->out_shift);
    return fg_clamp(square + p->out_zero_point, p->low, p->high);
}

static void fg_squared_difference_fixed(const fg_squared_difference_fixed_t *p, const void *a,
                                        const void *b, void *out)
{
    int32_t i = 0;
    FG_LOOPS4(&p->loops, {
        const int32_t x = fg_integer_at(a, p->bytes, ia);
        const int32_t y = fg_integer_at(b, p->bytes, ib);
        fg_set_integer(out, p->bytes, i++, fg_squared_difference_one(p, x, y));
    })
}
