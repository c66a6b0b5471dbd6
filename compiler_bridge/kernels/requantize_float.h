#include "scale_float.h"
#include "mve_values.h"

/* Accumulator to output scale as ONNX says it: float32(acc) * scale in float32, rounded to the
 * nearest even integer. A scale for each channel (step 1) or one (step 0). */
typedef struct {
    const float *scale;
    int32_t step;
    int32_t zero_point;
    int32_t low;
    int32_t high;
} fg_requant;

static inline FG_MAY_BE_UNUSED int8_t fg_requantize(const fg_requant *r, int32_t channel, int32_t acc)
{
    const int32_t y = fg_scale_round(acc, r->scale[channel * r->step]) + r->zero_point;
    return (int8_t)fg_clamp(y, r->low, r->high);
}

#if FG_MVE
/* Four of one channel. */
static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_requantize(const fg_requant *r, int32_t channel,
                                                           int32x4_t acc)
{
    const float scale = fg_factor(r->scale[channel * r->step]);
    const int32x4_t y = vcvtnq_s32_f32(vmulq_n_f32(vcvtq_f32_s32(acc), scale));
    return fg_mve_clamp(vqaddq_n_s32(y, r->zero_point), r->low, r->high);
}
#endif
