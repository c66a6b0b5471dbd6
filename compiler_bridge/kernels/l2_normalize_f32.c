#include "sqrt_f32.h"

/* Each row divided by its length, or by 1e-6 where that is longer. */
typedef struct {
    int32_t rows, n;
} fg_l2_normalize_f32_t;

static void fg_l2_normalize_f32(const fg_l2_normalize_f32_t *p, const float *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        float sum = 0.0f;
        for (int32_t i = 0; i < p->n; i++) {
            sum += in[i] * in[i];
        }
        const float length = fg_sqrt_f32(sum);
        const float by = length > 1e-6f ? length : 1e-6f;
        for (int32_t i = 0; i < p->n; i++) {
            *out++ = *in++ / by;
        }
    }
}
