#include "integer_at.h"
#include "loops4.h"
#include "multiply_fixed.h"

/* Quantized values of 1 or 2 bytes, brought to reals with 8 more bits: 11 equal, 12 not, 13 greater,
 * 14 or equal, 15 less, 16 or equal. */
typedef struct {
    fg_loops4 loops;
    int32_t operation, bytes;
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
} fg_compare_fixed_t;

static inline int8_t fg_compare_one_fixed(const fg_compare_fixed_t *p, int32_t a, int32_t b)
{
    const int32_t x = fg_multiply((a + p->a_offset) * 256, p->a_multiplier, p->a_shift);
    const int32_t y = fg_multiply((b + p->b_offset) * 256, p->b_multiplier, p->b_shift);
    switch (p->operation) {
    case 11: return x == y;
    case 12: return x != y;
    case 13: return x > y;
    case 14: return x >= y;
    case 15: return x < y;
    default: return x <= y;
    }
}

static void fg_compare_fixed(const fg_compare_fixed_t *p, const void *a, const void *b, int8_t *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_compare_one_fixed(p, fg_integer_at(a, p->bytes, ia),
                                                      fg_integer_at(b, p->bytes, ib)))
}
