#include "softmax_fixed.h"
#include "clamp.h"

/* Softmax in TensorFlow Lite's fixed point. */
typedef struct {
    const int32_t *exp;
    int32_t last;
    int32_t rows, columns;
} fg_softmax_fixed_s8_t;

static void fg_softmax_fixed_s8(const fg_softmax_fixed_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        const int32_t max = fg_softmax_max(in, p->columns);
        const fg_softmax_share share =
            fg_softmax_fixed_share(p->exp, p->last, in, p->columns, max);
        const int32_t shift = share.headroom >= 4 ? 35 - share.headroom : 31;
#if FG_MVE
        for (int32_t i = 0; i < p->columns; i += 4) {
            const mve_pred16_t some = vctp32q((uint32_t)(p->columns - i));
            const int32x4_t exp = fg_mve_exponentials(p->exp, p->last, in + i, max, some);
            const int32x4_t y = fg_mve_shares(exp, share.scale, shift);
            vstrbq_p_s32(out + i, fg_mve_clamp(vaddq_n_s32(y, -128), -128, 127), some);
        }
#else
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t d = max - in[i];
            int32_t y = -128;
            if (d <= p->last) {
                y += fg_rounding_shift_right(fg_doubling_high_mul(share.scale, p->exp[d]), shift);
            }
            out[i] = (int8_t)fg_clamp(y, -128, 127);
        }
#endif
        in += p->columns;
        out += p->columns;
    }
}
