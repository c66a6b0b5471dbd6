#include "multiply_fixed.h"
#include "clamp.h"
#include "loops4.h"

/* Sum or difference of int16 values in TensorFlow Lite's fixed point, with 15 spare bits. */
typedef struct {
    fg_loops4 loops;
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t b_sign; /* 1 adds, -1 subtracts */
    int32_t out_zero_point, out_multiplier, out_shift;
    int32_t low, high;
} fg_add_fixed_s16_t;

static inline int16_t fg_add_fixed_one_s16(const fg_add_fixed_s16_t *p, int32_t a, int32_t b)
{
    const int32_t x = fg_multiply((a + p->a_offset) * (1 << 15), p->a_multiplier, p->a_shift);
    const int32_t y = fg_multiply((b + p->b_offset) * (1 << 15), p->b_multiplier, p->b_shift);
    const int32_t sum = fg_multiply(x + p->b_sign * y, p->out_multiplier, p->out_shift);
    return (int16_t)fg_clamp(sum + p->out_zero_point, p->low, p->high);
}

static void fg_add_fixed_s16(const fg_add_fixed_s16_t *p, const int16_t *a, const int16_t *b,
                             int16_t *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_add_fixed_one_s16(p, a[ia], b[ib]))
}
