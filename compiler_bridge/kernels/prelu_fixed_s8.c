#include "clamp.h"
#include "loops4.h"
#include "multiply_fixed.h"

/* a where it is positive, else a * b, in TensorFlow Lite's fixed point. */
typedef struct {
    fg_loops4 loops;
    int32_t a_offset, b_offset, out_zero_point;
    int32_t multiplier, shift;
    int32_t negative_multiplier, negative_shift;
} fg_prelu_fixed_s8_t;

static inline int8_t fg_prelu_one_s8(const fg_prelu_fixed_s8_t *p, int32_t a, int32_t b)
{
    const int32_t y = a >= 0 ? fg_multiply(a, p->multiplier, p->shift)
                             : fg_multiply(a * (b + p->b_offset), p->negative_multiplier,
                                           p->negative_shift);
    return (int8_t)fg_clamp(y + p->out_zero_point, -128, 127);
}

static void fg_prelu_fixed_s8(const fg_prelu_fixed_s8_t *p, const int8_t *a, const int8_t *b,
                              int8_t *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_prelu_one_s8(p, a[ia] + p->a_offset, b[ib]))
}
