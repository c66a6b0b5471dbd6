#include "multiply_fixed.h"
#include "clamp.h"
#include "mve_channels.h"

/* A layer's output channel. */
typedef struct {
    int32_t bias, multiplier, shift;
} fg_channel;

/* What a layer's outputs have in common. */
typedef struct {
    int32_t zero_point, low, high;
} fg_range;

/* Output of a channel from the sum of its products. */
static inline FG_MAY_BE_UNUSED int8_t fg_output(const fg_channel *c, const fg_range *r, int32_t acc)
{
    const int32_t y = fg_multiply(acc + c->bias, c->multiplier, c->shift) + r->zero_point;
    return (int8_t)fg_clamp(y, r->low, r->high);
}

#if FG_MVE
/* Outputs of four channels that are `step` of them apart, not yet in their range. */
static inline int32x4_t fg_mve_outputs(const fg_channel *c, uint32_t step, const fg_range *r,
                                       int32x4_t acc)
{
    const int32x4_t shift = FG_MVE_MEMBER(s32, &c->shift, step);
    const int32x4_t zero = vdupq_n_s32(0);
    const int32x4_t right = vminq_s32(shift, zero);
    int32x4_t y = vaddq_s32(acc, FG_MVE_MEMBER(s32, &c->bias, step));
    y = vshlq_s32(y, vmaxq_s32(shift, zero));
    y = vqrdmulhq_s32(y, FG_MVE_MEMBER(s32, &c->multiplier, step));
    y = vaddq_s32(y, vshrq_n_s32(vandq_s32(y, right), 31)); /* halves away from zero */
    return vaddq_n_s32(vrshlq_s32(y, right), r->zero_point);
}

/* Outputs of eight channels from the sums of the even and of the odd ones. */
static inline FG_MAY_BE_UNUSED void fg_output8(const fg_channel *c, const fg_range *r,
                                               const int32x4_t acc[2], int8_t *out)
{
    const int32x4_t even = fg_mve_outputs(c, 2, r, acc[0]);
    fg_mve_store8(even, fg_mve_outputs(c + 1, 2, r, acc[1]), r->low, r->high, out);
}
#endif

/* Outputs of four channels. */
static inline FG_MAY_BE_UNUSED void fg_output4(const fg_channel *c, const fg_range *r,
                                               const int32_t acc[4], int8_t *out)
{
#if FG_MVE
    fg_mve_store4(fg_mve_outputs(c, 1, r, vldrwq_s32(acc)), r->low, r->high, out);
#else
    out[0] = fg_output(&c[0], r, acc[0]);
    out[1] = fg_output(&c[1], r, acc[1]);
    out[2] = fg_output(&c[2], r, acc[2]);
    out[3] = fg_output(&c[3], r, acc[3]);
#endif
}
