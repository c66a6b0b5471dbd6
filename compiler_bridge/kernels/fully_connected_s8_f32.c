#include "dot_s8.h"
#include "factor.h"

/* Fully connected with int8 data and weights and a float32 output. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    const float *scale; /* for each output (step 1) or one (step 0) */
    int32_t step;
    int32_t batch, in_n, out_n;
} fg_fully_connected_s8_f32_t;

static void fg_fully_connected_s8_f32(const fg_fully_connected_s8_f32_t *p, const int8_t *in,
                                      float *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        const int8_t *w = p->weights;
        for (int32_t o = 0; o < p->out_n; o++) {
            const int32_t acc = p->bias[o] + fg_dot_s8(in, w, p->in_n);
            *out++ = (float)acc * fg_factor(p->scale[o * p->step]);
            w += p->in_n;
        }
        in += p->in_n;
    }
}
