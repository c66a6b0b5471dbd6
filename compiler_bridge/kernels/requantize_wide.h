#include "clamp.h"

/* 64-bit sums of int16 layers to int16, as TensorFlow Lite does it: 15-bit multipliers, one for
 * each channel (step 1) or one (step 0), and halves go upwards. */
typedef struct {
    const int16_t *multiplier;
    const int8_t *shift; /* to the right, at least 1 */
    int32_t step;
    int32_t low, high;
} fg_requant_wide;

static inline int32_t fg_scale_wide(int64_t acc, int32_t multiplier, int32_t shift)
{
    const int64_t half = (int64_t)1 << (shift - 1);
    return (int32_t)((acc * multiplier + half) >> shift);
}

static FG_MAY_BE_UNUSED inline int16_t fg_requantize_wide(const fg_requant_wide *r, int32_t channel,
                                                          int64_t acc)
{
    const int32_t c = channel * r->step;
    const int32_t y = fg_scale_wide(acc, r->multiplier[c], r->shift[c]);
    return (int16_t)fg_clamp(y, r->low, r->high);
}
