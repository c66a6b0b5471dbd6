#include "clamp.h"
#include "loops4.h"
#include "narrow_multiply.h"
#include "simd.h"

/* A scale of 1 at most: multiplier * 2^(shift - 31). */
typedef struct {
    int32_t multiplier, shift;
} fg_add_scale;

/* Sum or difference as in add_fixed_s8.c where no scale is above 1. One operand, that of the larger
 * scale, has that of the sum: it is only brought to its spare bits. The other one is rescaled. */
typedef struct {
    fg_loops4 loops;
    int32_t b_is_rescaled; /* 0: a is */
    int32_t offset, factor;
    int32_t rescaled_offset, sign;
    fg_add_scale rescaled, out;
    int32_t out_zero_point, low, high;
} fg_add_narrow_s8_t;

/* Half of twice, scaled; halves of the last place go away from zero, so that negative numbers are
 * moved down by one where there is a shift. */
static inline int32_t fg_add_scaled(fg_add_scale scale, int32_t twice)
{
    const int32_t y = fg_narrow_multiply(twice, scale.multiplier);
    const int32_t half = (int32_t)((1u << -scale.shift) >> 1);
    return (y + ((y & scale.shift) >> 31) + half) >> -scale.shift;
}

/* Operands with their strides, y being the one that is rescaled. */
typedef struct {
    const int8_t *x, *y;
    int32_t x_stride, y_stride;
} fg_add_operands;

#if FG_MVE
static inline int32x4_t fg_mve_add_scaled(fg_add_scale scale, int32x4_t x)
{
    const int32x4_t y = vqrdmulhq_n_s32(x, scale.multiplier);
    const int32x4_t down = vshrq_n_s32(vandq_s32(y, vdupq_n_s32(scale.shift)), 31);
    return vrshlq_n_s32(vaddq_s32(y, down), scale.shift);
}

/* A row whose operands lie side by side, four at a time. */
static void fg_mve_add_row(const fg_add_narrow_s8_t *p, fg_add_operands o, int8_t *out)
{
    for (int32_t n = p->loops.size[3]; n > 0; n -= 4) {
        const mve_pred16_t some = vctp32q((uint32_t)n);
        const int32x4_t x = vaddq_n_s32(vldrbq_z_s32(o.x, some), p->offset);
        const int32x4_t y = vaddq_n_s32(vldrbq_z_s32(o.y, some), p->rescaled_offset);
        int32x4_t sum = fg_mve_add_scaled(p->rescaled, vshlq_n_s32(y, 20));
        sum = vmlaq_n_s32(vmulq_n_s32(sum, p->sign), x, p->factor);
        sum = vaddq_n_s32(fg_mve_add_scaled(p->out, sum), p->out_zero_point);
        sum = vminq_s32(vmaxq_s32(sum, vdupq_n_s32(p->low)), vdupq_n_s32(p->high));
        vstrbq_p_s32(out, sum, some);
        o.x += 4;
        o.y += 4;
        out += 4;
    }
}
#endif

/* A row of outputs. */
static void fg_add_row(const fg_add_narrow_s8_t *p, fg_add_operands o, int8_t *out)
{
#if FG_MVE
    if (o.x_stride == 1 && o.y_stride == 1) {
        fg_mve_add_row(p, o, out);
        return;
    }
#endif
    const fg_add_scale rescaled = p->rescaled, out_scale = p->out;
    const int32_t offset = p->offset, factor = p->factor;
    const int32_t rescaled_offset = p->rescaled_offset, sign = p->sign;
    const int32_t zero_point = p->out_zero_point, low = p->low, high = p->high;
    const int8_t *const end = out + p->loops.size[3];
    while (out != end) {
        const int32_t y = fg_add_scaled(rescaled, (*o.y + rescaled_offset) * (1 << 21));
        const int32_t sum = (*o.x + offset) * factor + sign * y;
        *out++ = (int8_t)fg_clamp(fg_add_scaled(out_scale, 2 * sum) + zero_point, low, high);
        o.x += o.x_stride;
        o.y += o.y_stride;
    }
}

static void fg_add_narrow_s8(const fg_add_narrow_s8_t *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const bool b_is_rescaled = p->b_is_rescaled != 0;
    fg_add_operands o;
    o.x_stride = b_is_rescaled ? p->loops.a_stride[3] : p->loops.b_stride[3];
    o.y_stride = b_is_rescaled ? p->loops.b_stride[3] : p->loops.a_stride[3];
    FG_ROWS4(&p->loops, {
        o.x = b_is_rescaled ? a + ia : b + ib;
        o.y = b_is_rescaled ? b + ib : a + ia;
        fg_add_row(p, o, out);
        out += p->loops.size[3];
    })
}
