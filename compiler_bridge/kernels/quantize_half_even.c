#include "factor.h"
#include "mve_values.h"
#include "round_float.h"
#include "clamp.h"

/* float32 to int8, x / scale rounded half to even (ONNX QuantizeLinear). */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
    int32_t low, high;
} fg_quantize_half_even_t;

static void fg_quantize_half_even(const fg_quantize_half_even_t *p, const float *in, int8_t *out)
{
    const float scale = fg_factor(p->scale);
#if FG_MVE
    for (int32_t i = 0; i < p->n; i += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(p->n - i));
        const int32x4_t q = vcvtnq_s32_f32(fg_mve_quotients(in + i, p->n - i, scale));
        vstrbq_p_s32(out + i, fg_mve_clamp(vqaddq_n_s32(q, p->zero_point), p->low, p->high), some);
    }
#else
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t q = fg_round_even(fg_clamp_f32(in[i] / scale, -1024.0f, 1024.0f));
        out[i] = (int8_t)fg_clamp(q + p->zero_point, p->low, p->high);
    }
#endif
}
