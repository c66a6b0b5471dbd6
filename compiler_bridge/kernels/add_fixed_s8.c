#include "multiply_fixed.h"
#include "mve_values.h"
#include "clamp.h"
#include "loops4.h"

/* Sum or difference in TensorFlow Lite's fixed point: both operands are brought to a common scale
 * with 20 spare bits, added or subtracted and rescaled. */
typedef struct {
    fg_loops4 loops;
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t b_sign; /* 1 adds, -1 subtracts */
    int32_t out_zero_point, out_multiplier, out_shift;
    int32_t low, high;
} fg_add_fixed_s8_t;

#if FG_MVE
/* A row, four at a time. */
static void fg_add_fixed_row_s8(const fg_add_fixed_s8_t *p, const int8_t *a, const int8_t *b,
                                int8_t *out)
{
    const int32_t a_stride = p->loops.a_stride[3], b_stride = p->loops.b_stride[3];
    const uint32x4_t a_places = fg_mve_places(a_stride), b_places = fg_mve_places(b_stride);
    for (int32_t n = p->loops.size[3]; n > 0; n -= 4) {
        const mve_pred16_t some = vctp32q((uint32_t)n);
        int32x4_t x = vaddq_n_s32(vldrbq_gather_offset_z_s32(a, a_places, some), p->a_offset);
        int32x4_t y = vaddq_n_s32(vldrbq_gather_offset_z_s32(b, b_places, some), p->b_offset);
        x = fg_mve_multiply(vshlq_n_s32(x, 20), p->a_multiplier, p->a_shift);
        y = fg_mve_multiply(vshlq_n_s32(y, 20), p->b_multiplier, p->b_shift);
        x = fg_mve_multiply(vmlaq_n_s32(x, y, p->b_sign), p->out_multiplier, p->out_shift);
        x = fg_mve_clamp(vaddq_n_s32(x, p->out_zero_point), p->low, p->high);
        vstrbq_p_s32(out, x, some);
        a += 4 * a_stride;
        b += 4 * b_stride;
        out += 4;
    }
}
#else
static inline int8_t fg_add_fixed_one_s8(const fg_add_fixed_s8_t *p, int32_t a, int32_t b)
{
    const int32_t x = fg_multiply((a + p->a_offset) * (1 << 20), p->a_multiplier, p->a_shift);
    const int32_t y = fg_multiply((b + p->b_offset) * (1 << 20), p->b_multiplier, p->b_shift);
    const int32_t sum = fg_multiply(x + p->b_sign * y, p->out_multiplier, p->out_shift);
    return (int8_t)fg_clamp(sum + p->out_zero_point, p->low, p->high);
}
#endif

static void fg_add_fixed_s8(const fg_add_fixed_s8_t *p, const int8_t *a, const int8_t *b, int8_t *out)
{
#if FG_MVE
    FG_ROWS4(&p->loops, {
        fg_add_fixed_row_s8(p, a + ia, b + ib, out);
        out += p->loops.size[3];
    })
#else
    FG_LOOPS4(&p->loops, *out++ = fg_add_fixed_one_s8(p, a[ia], b[ib]))
#endif
}
