#include "factor.h"
#include "round_float.h"
#include "clamp.h"

/* float32 to int16, x / scale rounded half to even (ONNX QuantizeLinear). */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
    int32_t low, high;
} fg_quantize_half_even_s16_t;

static void fg_quantize_half_even_s16(const fg_quantize_half_even_s16_t *p, const float *in, int16_t *out)
{
    const float scale = fg_factor(p->scale);
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t q = fg_round_even(fg_clamp_f32(in[i] / scale, -131072.0f, 131072.0f));
        out[i] = (int16_t)fg_clamp(q + p->zero_point, p->low, p->high);
    }
}
