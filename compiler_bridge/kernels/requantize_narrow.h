#include "narrow.h"

/* Scales for each channel (step 1) or one (step 0). */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift; /* to the right, less one */
    int32_t step;
    int32_t zero_point;
} fg_requant;

static inline int8_t fg_requantize(const fg_requant *r, int32_t channel, int32_t acc)
{
    const int32_t c = channel * r->step;
    return fg_narrow_requantize(acc * 2, r->multiplier[c], r->shift[c], 2 * r->zero_point + 1);
}
