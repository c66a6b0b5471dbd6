#include "narrow.h"
#include "mve_channels.h"
#include "thumb1.h"

/* A layer's output channel, its bias doubled. */
typedef struct {
    int32_t twice_bias, multiplier, shift;
} fg_channel;

/* What a layer's outputs have in common: twice their zero point, and one. */
typedef struct {
    int32_t center;
} fg_range;

/* Output of a channel from the sum of its products. */
static inline FG_MAY_BE_UNUSED int8_t fg_output(const fg_channel *c, const fg_range *r, int32_t acc)
{
    return fg_narrow_requantize(acc * 2 + c->twice_bias, c->multiplier, c->shift, r->center);
}

#if FG_MVE
/* Outputs of four channels that are `step` of them apart, not yet in their range. */
static inline int32x4_t fg_mve_outputs(const fg_channel *c, uint32_t step, const fg_range *r,
                                       int32x4_t acc)
{
    int32x4_t y = vaddq_s32(vaddq_s32(acc, acc), FG_MVE_MEMBER(s32, &c->twice_bias, step));
    y = vrmulhq_s32(y, FG_MVE_MEMBER(s32, &c->multiplier, step));
    y = vaddq_s32(y, vshrq_n_s32(y, 31));
    y = vshlq_s32(y, vnegq_s32(FG_MVE_MEMBER(s32, &c->shift, step)));
    return vhaddq_n_s32(y, r->center);
}

/* Outputs of eight channels from the sums of the even and of the odd ones. */
static inline FG_MAY_BE_UNUSED void fg_output8(const fg_channel *c, const fg_range *r,
                                               const int32x4_t acc[2], int8_t *out)
{
    const int32x4_t even = fg_mve_outputs(c, 2, r, acc[0]);
    fg_mve_store8(even, fg_mve_outputs(c + 1, 2, r, acc[1]), -128, 127, out);
}
#endif

#if FG_THUMB1_HIGH
/* Outputs of n channels, which is not 0. */
#define FG_OUTPUTS(c, r, acc, n, out) FG_THUMB1_OUTPUTS(c, (r)->center, acc, (acc) + (n), out)
#endif

/* Outputs of four channels. */
static inline FG_MAY_BE_UNUSED void fg_output4(const fg_channel *c, const fg_range *r,
                                               const int32_t acc[4], int8_t *out)
{
#if FG_MVE
    fg_mve_store4(fg_mve_outputs(c, 1, r, vldrwq_s32(acc)), -128, 127, out);
#elif FG_THUMB1_HIGH
    FG_OUTPUTS(c, r, acc, 4, out);
#else
    out[0] = fg_output(&c[0], r, acc[0]);
    out[1] = fg_output(&c[1], r, acc[1]);
    out[2] = fg_output(&c[2], r, acc[2]);
    out[3] = fg_output(&c[3], r, acc[3]);
#endif
}
