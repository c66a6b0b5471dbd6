#include "narrow.h"
#include "mve_values.h"

/* Scales for each channel (step 1) or one (step 0). */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift; /* to the right, less one */
    int32_t step;
    int32_t zero_point;
} fg_requant;

static inline FG_MAY_BE_UNUSED int8_t fg_requantize(const fg_requant *r, int32_t channel, int32_t acc)
{
    const int32_t c = channel * r->step;
    return fg_narrow_requantize(acc * 2, r->multiplier[c], r->shift[c], 2 * r->zero_point + 1);
}

#if FG_MVE
/* Four of one channel. */
static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_requantize(const fg_requant *r, int32_t channel,
                                                           int32x4_t acc)
{
    const int32_t c = channel * r->step;
    int32x4_t y = vrmulhq_s32(vaddq_s32(acc, acc), vdupq_n_s32(r->multiplier[c]));
    y = vshlq_r_s32(vaddq_s32(y, vshrq_n_s32(y, 31)), -r->shift[c]);
    return fg_mve_clamp(vhaddq_n_s32(y, 2 * r->zero_point + 1), -128, 127);
}
#endif
