#include "factor.h"

/* int8 to float32. */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
} fg_dequantize_s8_t;

static void fg_dequantize_s8(const fg_dequantize_s8_t *p, const int8_t *in, float *out)
{
    const float scale = fg_factor(p->scale);
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (float)(in[i] - p->zero_point) * scale;
    }
}
