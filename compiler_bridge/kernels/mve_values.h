#include "simd.h"

#if FG_MVE
/* Where four values lie that are `stride` bytes apart. */
static inline FG_MAY_BE_UNUSED uint32x4_t fg_mve_places(int32_t stride)
{
    return vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)stride);
}

/* Each as fg_multiply does it. */
static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_multiply(int32x4_t x, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32x4_t right = vdupq_n_s32(shift > 0 ? 0 : shift);
    const int32x4_t y = vqrdmulhq_n_s32(vshlq_r_s32(x, left), multiplier);
    const int32x4_t down = vshrq_n_s32(vandq_s32(y, right), 31); /* halves away from zero */
    return vrshlq_s32(vaddq_s32(y, down), right);
}

/* Up to four of n values through a divisor; there is no division of vectors. */
static inline FG_MAY_BE_UNUSED float32x4_t fg_mve_quotients(const float *x, int32_t n, float divisor)
{
    float y[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    const int32_t some = n < 4 ? n : 4;
    for (int32_t i = 0; i < some; i++) {
        y[i] = x[i] / divisor;
    }
    return vldrwq_f32(y);
}

static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_clamp(int32x4_t x, int32_t low, int32_t high)
{
    return vminq_s32(vmaxq_s32(x, vdupq_n_s32(low)), vdupq_n_s32(high));
}
#endif
