#include "dot_s8.h"
#include "multiply_fixed.h"
#include "clamp.h"
#include "recurrent.h"
#include "sigmoid_s16.h"

/* Long short-term memory with int8 data, int16 cell and gates (TensorFlow Lite). Gates lie in the
 * order input, output, forget, cell, and hold zero points in their biases. The hidden state and the
 * cell are batch x units and hold the last ones afterwards. */
typedef struct {
    fg_sequence sequence;
    const int8_t *w;          /* 4 x units x inputs */
    const int8_t *r;          /* 4 x units x units */
    const int32_t *w_bias;    /* 4 x units */
    const int32_t *r_bias;    /* 4 x units */
    const uint16_t *sigmoid;  /* see sigmoid_s16.h */
    int32_t w_multiplier[4], w_shift[4];
    int32_t r_multiplier[4], r_shift[4];
    int32_t forget_multiplier, forget_shift; /* gate * cell to the cell */
    int32_t input_multiplier, input_shift;   /* gate * gate to the cell */
    int32_t output_multiplier, output_shift; /* gate * gate to the hidden state */
    int32_t cell_multiplier, cell_shift;     /* cell to the steps of the table */
    int32_t clip;                            /* of the cell, 0 for none */
    int32_t hidden_zero_point;
} fg_lstm_s8_t;

static inline int32_t fg_clamp_s16(int32_t x)
{
    return fg_clamp(x, -32768, 32767);
}

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

static int32_t fg_lstm_sigmoid_s8(const fg_lstm_s8_t *p, int32_t gate, int32_t unit,
                                  const int8_t *in, const int8_t *hidden)
{
    return fg_logistic_q15(p->sigmoid, 3 * fg_lstm_gate_s8(p, gate, unit, in, hidden));
}

static int32_t fg_lstm_cell_s8(const fg_lstm_s8_t *p, int32_t unit, int32_t cell, const int8_t *in,
                               const int8_t *hidden)
{
    const int32_t i = fg_lstm_sigmoid_s8(p, 0, unit, in, hidden);
    const int32_t f = fg_lstm_sigmoid_s8(p, 2, unit, in, hidden);
    const int32_t g = fg_tanh_q15(p->sigmoid, 3 * fg_lstm_gate_s8(p, 3, unit, in, hidden));
    const int32_t kept = fg_clamp_s16(fg_multiply(f * cell, p->forget_multiplier, p->forget_shift));
    const int32_t added = fg_clamp_s16(fg_multiply(i * g, p->input_multiplier, p->input_shift));
    const int32_t c = fg_clamp_s16(kept + added);
    return p->clip > 0 ? fg_clamp(c, -p->clip, p->clip) : c;
}

static int8_t fg_lstm_hidden_s8(const fg_lstm_s8_t *p, int32_t gate, int32_t cell)
{
    const int32_t half = p->cell_shift > 0 ? 1 << (p->cell_shift - 1) : 0;
    const int32_t steps = (cell * p->cell_multiplier + half) >> p->cell_shift;
    const int32_t product = fg_tanh_q15(p->sigmoid, steps) * gate;
    const int32_t y = fg_multiply(product, p->output_multiplier, p->output_shift);
    return (int8_t)fg_clamp(y + p->hidden_zero_point, -128, 127);
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
                const int32_t o = fg_lstm_sigmoid_s8(p, 1, u, x, hidden);
                cell[u] = (int16_t)fg_lstm_cell_s8(p, u, cell[u], x, hidden);
                y[u] = fg_lstm_hidden_s8(p, o, cell[u]);
            }
            memcpy(hidden, y, (size_t)s->units);
        }
        hidden += s->units;
        cell += s->units;
    }
}
