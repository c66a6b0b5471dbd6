#include "factor.h"

/* int16 to float32. */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
} fg_dequantize_s16_t;

static void fg_dequantize_s16(const fg_dequantize_s16_t *p, const int16_t *in, float *out)
{
    const float scale = fg_factor(p->scale);
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (float)(in[i] - p->zero_point) * scale;
    }
}
