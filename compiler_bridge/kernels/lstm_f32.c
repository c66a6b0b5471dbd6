#include "gate_f32.h"
#include "recurrent.h"
#include "sigmoid_f32.h"

/* Long short-term memory. Gates lie in the order input, output, forget, cell: w is 4 x units x
 * inputs, r is 4 x units x units, bias is 4 x units, and 4 x units for r where it has a bias of its
 * own. The hidden state and the cell are batch x units and hold the last ones afterwards. */
typedef struct {
    fg_sequence sequence;
    int32_t has_two_biases;
    float clip; /* of the cell, 0 for none */
} fg_lstm_f32_t;

static float fg_lstm_gate(const fg_lstm_f32_t *p, int32_t row, const float *in, const float *hidden,
                          const float *w, const float *r, const float *bias)
{
    const fg_sequence *s = &p->sequence;
    const float own = p->has_two_biases ? bias[row + 4 * s->units] : 0.0f;
    return fg_gate_f32(in, w + row * s->inputs, s->inputs, hidden, r + row * s->units, s->units)
           + (bias[row] + own);
}

static void fg_lstm_f32(const fg_lstm_f32_t *p, const float *in, const float *w, const float *r,
                        const float *bias, float *out, float *hidden, float *cell)
{
    const fg_sequence *s = &p->sequence;
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t at = fg_step_at(s, t);
            const float *x = in + at * s->in_step + b * s->in_batch;
            float *y = out + s->out_start + at * s->out_step + b * s->out_batch;
            for (int32_t u = 0; u < s->units; u++) {
                const float i = fg_sigmoid_f32(fg_lstm_gate(p, u, x, hidden, w, r, bias));
                const float o =
                    fg_sigmoid_f32(fg_lstm_gate(p, s->units + u, x, hidden, w, r, bias));
                const float f =
                    fg_sigmoid_f32(fg_lstm_gate(p, 2 * s->units + u, x, hidden, w, r, bias));
                const float g =
                    fg_tanh_f32(fg_lstm_gate(p, 3 * s->units + u, x, hidden, w, r, bias));
                float c = f * cell[u] + i * g;
                if (p->clip > 0.0f) {
                    c = c < -p->clip ? -p->clip : (c > p->clip ? p->clip : c);
                }
                cell[u] = c;
                y[u] = o * fg_tanh_f32(c);
            }
            memcpy(hidden, y, (size_t)s->units * sizeof *y);
        }
        hidden += s->units;
        cell += s->units;
    }
}
