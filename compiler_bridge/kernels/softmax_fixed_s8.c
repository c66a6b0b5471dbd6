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
        int32_t max = -128;
        for (int32_t i = 0; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        const fg_softmax_share share =
            fg_softmax_fixed_share(p->exp, p->last, in, p->columns, max);
        const int32_t shift = share.headroom >= 4 ? 35 - share.headroom : 31;
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t d = max - in[i];
            int32_t y = -128;
            if (d <= p->last) {
                y += fg_rounding_shift_right(fg_doubling_high_mul(share.scale, p->exp[d]), shift);
            }
            out[i] = (int8_t)fg_clamp(y, -128, 127);
        }
        in += p->columns;
        out += p->columns;
    }
}
