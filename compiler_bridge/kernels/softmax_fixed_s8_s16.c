#include "softmax_fixed.h"
#include "clamp.h"

/* Softmax of int8 values in TensorFlow Lite's fixed point, with int16 results from -32768. */
typedef struct {
    const int32_t *exp;
    int32_t last;
    int32_t rows, columns;
} fg_softmax_fixed_s8_s16_t;

static void fg_softmax_fixed_s8_s16(const fg_softmax_fixed_s8_s16_t *p, const int8_t *in,
                                    int16_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = -128;
        for (int32_t i = 0; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        const fg_softmax_share share =
            fg_softmax_fixed_share(p->exp, p->last, in, p->columns, max);
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t d = max - in[i];
            int32_t y = -32768;
            if (d <= p->last) {
                const int32_t part = fg_doubling_high_mul(share.scale, p->exp[d]);
                y += fg_rounding_shift_right(part, 27 - share.headroom);
            }
            out[i] = (int16_t)fg_clamp(y, -32768, 32767);
        }
        in += p->columns;
        out += p->columns;
    }
}
