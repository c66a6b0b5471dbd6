#include "multiply_fixed.h"
#include "clamp.h"
#include "loops4.h"

/* Product of int16 values in TensorFlow Lite's fixed point. */
typedef struct {
    fg_loops4 loops;
    int32_t a_offset, b_offset;
    int32_t out_zero_point, out_multiplier, out_shift;
    int32_t low, high;
} fg_mul_fixed_s16_t;

static inline int16_t fg_mul_fixed_one_s16(const fg_mul_fixed_s16_t *p, int32_t a, int32_t b)
{
    const int32_t product = (a + p->a_offset) * (b + p->b_offset);
    const int32_t y = fg_multiply(product, p->out_multiplier, p->out_shift) + p->out_zero_point;
    return (int16_t)fg_clamp(y, p->low, p->high);
}

static void fg_mul_fixed_s16(const fg_mul_fixed_s16_t *p, const int16_t *a, const int16_t *b,
                             int16_t *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_mul_fixed_one_s16(p, a[ia], b[ib]))
}
