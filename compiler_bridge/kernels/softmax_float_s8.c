#include "softmax_table.h"
#include "round_float.h"
#include "clamp.h"

/* Softmax of int8 values, quantized again as ONNX says it. exp has 256 entries. */
typedef struct {
    const float *exp;
    int32_t rows, columns;
    float scale;
    int32_t zero_point;
    int32_t low, high;
} fg_softmax_float_s8_t;

static void fg_softmax_float_s8(const fg_softmax_float_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max;
        const float sum = fg_softmax_sum(p->exp, in, p->columns, &max);
        for (int32_t i = 0; i < p->columns; i++) {
            const float share = p->exp[max - *in++] / sum;
            const int32_t q = fg_round_even(fg_clamp_f32(share / p->scale, -1024.0f, 1024.0f));
            *out++ = (int8_t)fg_clamp(q + p->zero_point, p->low, p->high);
        }
    }
}
