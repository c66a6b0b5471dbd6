#include "softmax_table.h"

/* Softmax of dequantized int8 values, float32 out. exp has 256 entries. */
typedef struct {
    const float *exp;
    int32_t rows, columns;
} fg_softmax_s8_f32_t;

static void fg_softmax_s8_f32(const fg_softmax_s8_f32_t *p, const int8_t *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max;
        const float sum = fg_softmax_sum(p->exp, in, p->columns, &max);
        for (int32_t i = 0; i < p->columns; i++) {
            *out++ = p->exp[max - *in++] / sum;
        }
    }
}
