#include "gate_f32.h"
#include "recurrent.h"
#include "sigmoid_f32.h"

/* A simple recurrent layer (ONNX): tanh (0), the positive part (1) or the logistic function (2) of
 * what a unit sees. w is units x inputs, r is units x units, bias is units for w and then for r.
 * The hidden state is batch x units and holds the last one afterwards. */
typedef struct {
    fg_sequence sequence;
    int32_t function;
} fg_rnn_f32_t;

static void fg_rnn_f32(const fg_rnn_f32_t *p, const float *in, const float *w, const float *r,
                       const float *bias, float *out, float *hidden)
{
    const fg_sequence *s = &p->sequence;
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t at = fg_step_at(s, t);
            const float *x = in + at * s->in_step + b * s->in_batch;
            float *y = out + s->out_start + at * s->out_step + b * s->out_batch;
            for (int32_t u = 0; u < s->units; u++) {
                const float seen = fg_gate_f32(x, w + u * s->inputs, s->inputs, hidden,
                                               r + u * s->units, s->units)
                                   + (bias[u] + bias[u + s->units]);
                y[u] = p->function == 0   ? fg_tanh_f32(seen)
                       : p->function == 1 ? (seen > 0.0f ? seen : 0.0f)
                                          : fg_sigmoid_f32(seen);
            }
            memcpy(hidden, y, (size_t)s->units * sizeof *y);
        }
        hidden += s->units;
    }
}
