#include "multiply_fixed.h"

/* Magnitudes of 16-bit values, rescaled. */
typedef struct {
    int32_t multiplier, shift;
    int32_t n;
} fg_absolute_s16_t;

static void fg_absolute_s16(const fg_absolute_s16_t *p, const int16_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t y = fg_multiply(in[i] < 0 ? -in[i] : in[i], p->multiplier, p->shift);
        out[i] = (int16_t)(y > 32767 ? 32767 : y);
    }
}
