#include "clamp.h"
#include "multiply_fixed.h"

/* int16 values rescaled, within bounds. */
typedef struct {
    int32_t multiplier, shift;
    int32_t low, high;
    int32_t n;
} fg_relu_fixed_s16_t;

static void fg_relu_fixed_s16(const fg_relu_fixed_s16_t *p, const int16_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (int16_t)fg_clamp(fg_multiply(in[i], p->multiplier, p->shift), p->low, p->high);
    }
}
