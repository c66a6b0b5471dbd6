#include "gate_f32.h"
#include "recurrent.h"
#include "sigmoid_f32.h"

/* Gated recurrent units (ONNX). Gates lie in the order update, reset, hidden: w is 3 x units x
 * inputs, r is 3 x units x units, bias is 3 x units for w and then for r. The hidden state is batch
 * x units and holds the last one afterwards; work has room for one. */
typedef struct {
    fg_sequence sequence;
    int32_t linear_before_reset;
} fg_gru_f32_t;

static float fg_gru_dot(const float *x, const float *w, int32_t n)
{
    float sum = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        sum += x[i] * w[i];
    }
    return sum;
}

static float fg_gru_gate(const fg_sequence *s, int32_t row, const float *in, const float *hidden,
                         const float *w, const float *r, const float *bias)
{
    const float seen =
        fg_gate_f32(in, w + row * s->inputs, s->inputs, hidden, r + row * s->units, s->units);
    return fg_sigmoid_f32(seen + (bias[row] + bias[row + 3 * s->units]));
}

/* What the unit would become: its reset gate weakens what it remembers. */
static float fg_gru_candidate(const fg_gru_f32_t *p, int32_t unit, const float *in, const float *work,
                              const float *hidden, const float *w, const float *r, const float *bias)
{
    const fg_sequence *s = &p->sequence;
    const int32_t row = 2 * s->units + unit;
    const float own = bias[row + 3 * s->units];
    const float seen = fg_gru_dot(in, w + row * s->inputs, s->inputs) + bias[row];
    if (p->linear_before_reset) {
        return fg_tanh_f32(seen + work[unit] * (fg_gru_dot(hidden, r + row * s->units, s->units) + own));
    }
    return fg_tanh_f32(seen + fg_gru_dot(work, r + row * s->units, s->units) + own);
}

static void fg_gru_f32(const fg_gru_f32_t *p, const float *in, const float *w, const float *r,
                       const float *bias, float *out, float *hidden, float *work)
{
    const fg_sequence *s = &p->sequence;
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t at = fg_step_at(s, t);
            const float *x = in + at * s->in_step + b * s->in_batch;
            float *y = out + s->out_start + at * s->out_step + b * s->out_batch;
            for (int32_t u = 0; u < s->units; u++) {
                const float reset = fg_gru_gate(s, s->units + u, x, hidden, w, r, bias);
                work[u] = p->linear_before_reset ? reset : reset * hidden[u];
            }
            for (int32_t u = 0; u < s->units; u++) {
                const float update = fg_gru_gate(s, u, x, hidden, w, r, bias);
                const float next = fg_gru_candidate(p, u, x, work, hidden, w, r, bias);
                y[u] = (1.0f - update) * next + update * hidden[u];
            }
            memcpy(hidden, y, (size_t)s->units * sizeof *y);
        }
        hidden += s->units;
    }
}
