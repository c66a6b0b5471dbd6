#include "multiply_fixed.h"
#include "clamp.h"
#include "mve_values.h"

/* Accumulator to output scale, a fixed-point multiplier for each channel (step 1) or one (step 0). */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t step;
    int32_t zero_point;
    int32_t low;
    int32_t high;
} fg_requant;

static inline FG_MAY_BE_UNUSED int8_t fg_requantize(const fg_requant *r, int32_t channel, int32_t acc)
{
    const int32_t c = channel * r->step;
    const int32_t y = fg_multiply(acc, r->multiplier[c], r->shift[c]) + r->zero_point;
    return (int8_t)fg_clamp(y, r->low, r->high);
}

#if FG_MVE
/* Four of one channel. */
static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_requantize(const fg_requant *r, int32_t channel,
                                                           int32x4_t acc)
{
    const int32_t c = channel * r->step;
    const int32x4_t y = fg_mve_multiply(acc, r->multiplier[c], r->shift[c]);
    return fg_mve_clamp(vaddq_n_s32(y, r->zero_point), r->low, r->high);
}
#endif
