#include "integer_at.h"
#include "multiply_fixed.h"
#include "mve_values.h"

/* Integers of 1, 2 or 4 bytes to integers of another scale, and maybe another width. */
typedef struct {
    int32_t in_bytes, out_bytes;
    int32_t in_zero_point, multiplier, shift, out_zero_point;
    int32_t n;
} fg_requantize_values_t;

static void fg_requantize_values(const fg_requantize_values_t *p, const void *in, void *out)
{
    const int32_t high = (int32_t)(0x7fffffffu >> (32 - 8 * p->out_bytes));
#if FG_MVE
    for (int32_t i = 0; i < p->n; i += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(p->n - i));
        const int32x4_t x = fg_mve_integers_at(in, p->in_bytes, i, some);
        int32x4_t y = vsubq_s32(x, vdupq_n_s32(p->in_zero_point));
        y = vqaddq_n_s32(fg_mve_multiply(y, p->multiplier, p->shift), p->out_zero_point);
        fg_mve_set_integers(out, p->out_bytes, i, fg_mve_clamp(y, -high - 1, high), some);
    }
#else
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t x = (int32_t)((uint32_t)fg_integer_at(in, p->in_bytes, i)
                                    - (uint32_t)p->in_zero_point);
        const int64_t y = (int64_t)fg_multiply(x, p->multiplier, p->shift) + p->out_zero_point;
        const int32_t q = (int32_t)(y < -high - 1 ? -high - 1 : (y > high ? high : y));
        fg_set_integer(out, p->out_bytes, i, q);
    }
#endif
}
