#include "factor.h"

/* float32 to int16, x / scale rounded half away from zero (TensorFlow Lite). */
typedef struct {
    float scale;
    int32_t zero_point;
    int32_t n;
} fg_quantize_half_away_s16_t;

static void fg_quantize_half_away_s16(const fg_quantize_half_away_s16_t *p, const float *in,
                                      int16_t *out)
{
    const float scale = fg_factor(p->scale);
    for (int32_t i = 0; i < p->n; i++) {
        const float y = in[i] / scale;
        int32_t q;
        if (y >= 131072.0f) {
            q = 131072;
        } else if (!(y > -131072.0f)) { /* NaN too */
            q = -131072;
        } else {
            /* the fraction is exact, so halves are told apart exactly */
            const int32_t whole = (int32_t)y;
            const float fraction = y - (float)whole;
            q = whole + (fraction >= 0.5f ? 1 : 0) - (fraction <= -0.5f ? 1 : 0);
        }
        q += p->zero_point;
        out[i] = (int16_t)(q < -32768 ? -32768 : (q > 32767 ? 32767 : q));
    }
}
