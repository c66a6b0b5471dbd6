#include "multiply_fixed.h"
#include "clamp.h"

/* Leaky ReLU of int16 values in TensorFlow Lite's fixed point. */
typedef struct {
    int32_t in_zero_point, out_zero_point;
    int32_t multiplier, shift;
    int32_t negative_multiplier, negative_shift, negative_sign;
    int32_t n;
} fg_leaky_relu_fixed_s16_t;

static void fg_leaky_relu_fixed_s16(const fg_leaky_relu_fixed_s16_t *p, const int16_t *in,
                                    int16_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t x = in[i] - p->in_zero_point;
        const int32_t y =
            x >= 0 ? fg_multiply(x, p->multiplier, p->shift)
                   : p->negative_sign * fg_multiply(x, p->negative_multiplier, p->negative_shift);
        out[i] = (int16_t)fg_clamp(y + p->out_zero_point, -32768, 32767);
    }
}
