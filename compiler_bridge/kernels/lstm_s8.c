#include "dot_s8.h"
#include "lstm_fixed.h"
#include "recurrent.h"

/* Long short-term memory with int8 data, int16 cell and gates (TensorFlow Lite). Gates lie in the
 * order input, output, forget, cell, and hold zero points in their biases. The hidden state and the
 * cell are batch x units and hold the last ones afterwards. */
typedef struct {
    fg_sequence sequence;
    fg_lstm_rules rules;
    const int8_t *w;       /* 4 x units x inputs */
    const int8_t *r;       /* 4 x units x units */
    const int32_t *w_bias; /* 4 x units */
    const int32_t *r_bias; /* 4 x units */
    int32_t w_multiplier[4], w_shift[4];
    int32_t r_multiplier[4], r_shift[4];
} fg_lstm_s8_t;

/* The sum that a gate's function is taken of, in steps of 2^-12. */
static int32_t fg_lstm_gate_s8(const fg_lstm_s8_t *p, int32_t gate, int32_t unit, const int8_t *in,
                               const int8_t *hidden)
{
    const fg_sequence *s = &p->sequence;
    const int32_t row = gate * s->units + unit;
    const int32_t seen = fg_dot_s8(in, p->w + row * s->inputs, s->inputs) + p->w_bias[row];
    const int32_t kept = fg_dot_s8(hidden, p->r + row * s->units, s->units) + p->r_bias[row];
    return fg_clamp_s16(fg_clamp_s16(fg_multiply(seen, p->w_multiplier[gate], p->w_shift[gate]))
                        + fg_clamp_s16(fg_multiply(kept, p->r_multiplier[gate], p->r_shift[gate])));
}

static void fg_lstm_s8(const fg_lstm_s8_t *p, const int8_t *in, int8_t *out, int8_t *hidden,
                       int16_t *cell)
{
    const fg_sequence *s = &p->sequence;
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t at = fg_step_at(s, t);
            const int8_t *x = in + at * s->in_step + b * s->in_batch;
            int8_t *y = out + s->out_start + at * s->out_step + b * s->out_batch;
            for (int32_t u = 0; u < s->units; u++) {
                const int32_t i = fg_lstm_gate_s8(p, 0, u, x, hidden);
                const int32_t o = fg_lstm_gate_s8(p, 1, u, x, hidden);
                const int32_t f = fg_lstm_gate_s8(p, 2, u, x, hidden);
                const int32_t g = fg_lstm_gate_s8(p, 3, u, x, hidden);
                cell[u] = (int16_t)fg_lstm_next_cell(&p->rules, i, f, g, cell[u]);
                y[u] = (int8_t)fg_clamp(fg_lstm_hidden(&p->rules, o, cell[u]), -128, 127);
            }
            memcpy(hidden, y, (size_t)s->units);
        }
        hidden += s->units;
        cell += s->units;
    }
}
