#include "dot_s16.h"
#include "lstm_fixed.h"
#include "recurrent.h"
#include "requantize_wide.h"

/* Long short-term memory with int16 data, see lstm_s8.c. */
typedef struct {
    fg_sequence sequence;
    fg_lstm_rules rules;
    const int8_t *w;       /* 4 x units x inputs */
    const int8_t *r;       /* 4 x units x units */
    const int32_t *w_bias; /* 4 x units */
    int32_t w_multiplier[4], w_shift[4]; /* see requantize_wide.h */
    int32_t r_multiplier[4], r_shift[4];
} fg_lstm_s16_t;

static int32_t fg_lstm_gate_s16(const fg_lstm_s16_t *p, int32_t gate, int32_t unit,
                                const int16_t *in, const int16_t *hidden)
{
    const fg_sequence *s = &p->sequence;
    const int32_t row = gate * s->units + unit;
    const int64_t seen = fg_dot_s16(in, p->w + row * s->inputs, s->inputs) + p->w_bias[row];
    const int64_t kept = fg_dot_s16(hidden, p->r + row * s->units, s->units);
    return fg_clamp_s16(fg_clamp_s16(fg_scale_wide(seen, p->w_multiplier[gate], p->w_shift[gate]))
                        + fg_clamp_s16(fg_scale_wide(kept, p->r_multiplier[gate], p->r_shift[gate])));
}

static void fg_lstm_s16(const fg_lstm_s16_t *p, const int16_t *in, int16_t *out, int16_t *hidden,
                        int16_t *cell)
{
    const fg_sequence *s = &p->sequence;
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int16_t *x = in + t * s->in_step + b * s->in_batch;
            int16_t *y = out + t * s->out_step + b * s->out_batch;
            for (int32_t u = 0; u < s->units; u++) {
                const int32_t i = fg_lstm_gate_s16(p, 0, u, x, hidden);
                const int32_t o = fg_lstm_gate_s16(p, 1, u, x, hidden);
                const int32_t f = fg_lstm_gate_s16(p, 2, u, x, hidden);
                const int32_t g = fg_lstm_gate_s16(p, 3, u, x, hidden);
                cell[u] = (int16_t)fg_lstm_next_cell(&p->rules, i, f, g, cell[u]);
                y[u] = (int16_t)fg_clamp_s16(fg_lstm_hidden(&p->rules, o, cell[u]));
            }
            memcpy(hidden, y, (size_t)s->units * sizeof *y);
        }
        hidden += s->units;
        cell += s->units;
    }
}
