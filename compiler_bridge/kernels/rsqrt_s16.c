#include "clamp.h"
#include "inverse_root.h"
#include "multiply_fixed.h"

/* 1 / sqrt(x) of int16 values (TensorFlow Lite); the most there is for 0 and below. */
typedef struct {
    int32_t multiplier, shift; /* the shift is less by the 20 bits that the root has to spare */
    int32_t n;
} fg_rsqrt_s16_t;

static void fg_rsqrt_s16(const fg_rsqrt_s16_t *p, const int16_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        int32_t y = 32767;
        if (in[i] > 0) {
            const fg_inverse_root root = fg_inverse_root_of(in[i]);
            y = fg_multiply(fg_multiply(1, root.multiplier, root.shift + 20), p->multiplier, p->shift);
        }
        out[i] = (int16_t)fg_clamp(y, -32768, 32767);
    }
}
