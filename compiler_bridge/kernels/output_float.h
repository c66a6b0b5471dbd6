#include "scale_float.h"
#include "mve_channels.h"

/* A layer's output channel. */
typedef struct {
    int32_t bias;
    float scale;
} fg_channel;

/* What a layer's outputs have in common. */
typedef struct {
    int32_t zero_point, low, high;
} fg_range;

/* Output of a channel from the sum of its products. */
static inline FG_MAY_BE_UNUSED int8_t fg_output(const fg_channel *c, const fg_range *r, int32_t acc)
{
    const int32_t y = fg_scale_round(acc + c->bias, c->scale) + r->zero_point;
    return (int8_t)fg_clamp(y, r->low, r->high);
}

#if FG_MVE
/* See fg_factor. */
static inline float32x4_t fg_mve_factors(float32x4_t x)
{
    __asm__("" : "+w"(x));
    return x;
}

/* Outputs of four channels that are `step` of them apart, not yet in their range. */
static inline int32x4_t fg_mve_outputs(const fg_channel *c, uint32_t step, const fg_range *r,
                                       int32x4_t acc)
{
    int32x4_t y = vaddq_s32(acc, FG_MVE_MEMBER(s32, &c->bias, step));
    const float32x4_t scale = fg_mve_factors(FG_MVE_MEMBER(f32, &c->scale, step));
    y = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(y), scale));
    return vqaddq_n_s32(y, r->zero_point);
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
