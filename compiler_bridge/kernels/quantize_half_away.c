#include "factor.h"

/* float32 to int8, x / scale rounded half away from zero (TensorFlow Lite). */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
} fg_quantize_half_away_t;

static void fg_quantize_half_away(const fg_quantize_half_away_t *p, const float *in, int8_t *out)
{
    const float scale = fg_factor(p->scale);
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
}
