#include "factor.h"
#include "mve_values.h"

/* float32 to int8, x / scale rounded half away from zero (TensorFlow Lite). */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
} fg_quantize_half_away_t;

static void fg_quantize_half_away(const fg_quantize_half_away_t *p, const float *in, int8_t *out)
{
    const float scale = fg_factor(p->scale);
#if FG_MVE
    for (int32_t i = 0; i < p->n; i += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(p->n - i));
        const float32x4_t y = fg_mve_quotients(in + i, p->n - i, scale);
        const int32x4_t none = vdupq_n_s32(-512); /* for NaN */
        const int32x4_t q = vcvtaq_m_s32_f32(none, y, vcmpeqq_f32(y, y));
        vstrbq_p_s32(out + i, fg_mve_clamp(vqaddq_n_s32(q, p->zero_point), -128, 127), some);
    }
#else
    for (int32_t i = 0; i < p->n; i++) {
        const float y = in[i] / scale;
        int32_t q;
        if (y >= 512.0f) {
            q = 512;
        } else if (!(y > -512.0f)) { /* NaN too */
            q = -512;
        } else {
            /* the fraction is exact, so halves are told apart exactly */
            const int32_t whole = (int32_t)y;
            const float fraction = y - (float)whole;
            q = whole + (fraction >= 0.5f ? 1 : 0) - (fraction <= -0.5f ? 1 : 0);
        }
        q += p->zero_point;
        out[i] = (int8_t)(q < -128 ? -128 : (q > 127 ? 127 : q));
    }
#endif
}
