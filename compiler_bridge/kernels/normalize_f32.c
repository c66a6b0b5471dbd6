#include "sqrt_f32.h"

/* Each group of n values less its mean, divided by its deviation, times scale plus shift. A value's
 * factors are those at (its place / `run` + group * `group_step`) % `period`. */
typedef struct {
    int32_t groups, n;
    int32_t run, group_step, period;
    float epsilon;
} fg_normalize_f32_t;

static void fg_normalize_f32(const fg_normalize_f32_t *p, const float *in, const float *scale,
                             const float *shift, float *out)
{
    for (int32_t g = 0; g < p->groups; g++) {
        float sum = 0.0f;
        for (int32_t i = 0; i < p->n; i++) {
            sum += in[i] - in[0]; /* equal values have no deviation at all */
        }
        const float mean = in[0] + sum / (float)p->n;
        float squares = 0.0f;
        for (int32_t i = 0; i < p->n; i++) {
            squares += (in[i] - mean) * (in[i] - mean);
        }
        const float inverse = 1.0f / fg_sqrt_f32(squares / (float)p->n + p->epsilon);
        for (int32_t i = 0; i < p->n; i++) {
            const int32_t c = (i / p->run + g * p->group_step) % p->period;
            out[i] = (in[i] - mean) * inverse * scale[c] + shift[c];
        }
        in += p->n;
        out += p->n;
    }
}
