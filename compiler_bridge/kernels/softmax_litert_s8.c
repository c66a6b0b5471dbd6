#include "clamp.h"

/* LiteRT's softmax of legacy 8-bit values, here held as int8: shares of a sum of float32
 * exponentials in steps of 1/256 above -128. exp[d] is for a value d below the row's maximum. */
typedef struct {
    const float *exp;
    int32_t rows, columns;
    float scale;
} fg_softmax_litert_s8_t;

static void fg_softmax_litert_s8(const fg_softmax_litert_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = -128;
        for (int32_t i = 0; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        float sum = 0.0f;
        for (int32_t i = 0; i < p->columns; i++) {
            sum += p->exp[max - in[i]];
        }
        const float inverse = 1.0f / (sum * p->scale);
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t share = (int32_t)(p->exp[max - in[i]] * inverse + 0.5f);
            out[i] = (int8_t)fg_clamp(share - 128, -128, 127);
        }
        in += p->columns;
        out += p->columns;
    }
}
