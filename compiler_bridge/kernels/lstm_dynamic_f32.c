#include "dot_s8.h"
#include "dynamic_range.h"
#include "recurrent.h"
#include "sigmoid_f32.h"

/* Long short-term memory with weights of 8 bits: w is 4 x units x inputs, r is 4 x units x units, bias is
 * 4 x units; gates in the order input, output, forget, cell. Totals are those of each row of weights;
 * zero points are NULL where the weights are centred; a scale is for each row (step 1) or for all (step
 * 0). Data come as int8 with their scale and zero point, the hidden states of all sequences are brought
 * to int8 in each step. */
typedef struct {
    fg_sequence sequence;
    const int8_t *w, *r;
    const int32_t *w_totals, *r_totals;
    const int8_t *w_zero_points, *r_zero_points;
    const float *w_scale, *r_scale;
    int32_t w_step, r_step;
    const float *bias;
} fg_lstm_dynamic_f32_t;

/* A row times n integers, as a real. */
static float fg_dynamic_row(const int8_t *w, int32_t total, const int8_t *w_zero, float scale,
                            const int8_t *in, int32_t n, int32_t zero)
{
    int32_t acc = 0;
    if (w_zero == NULL) {
        acc = fg_dot_s8(in, w, n) - zero * total;
    } else {
        for (int32_t i = 0; i < n; i++) {
            acc += (in[i] - zero) * (w[i] - *w_zero);
        }
    }
    return (float)acc * scale;
}

/* The row of a gate, times data and times what is remembered. */
static float fg_dynamic_gate(const fg_lstm_dynamic_f32_t *p, int32_t row, const int8_t *x, float x_scale,
                             int32_t x_zero, const int8_t *h, float h_scale, int32_t h_zero)
{
    const fg_sequence *s = &p->sequence;
    const int8_t *w_zero = p->w_zero_points == NULL ? NULL : p->w_zero_points + row;
    const int8_t *r_zero = p->r_zero_points == NULL ? NULL : p->r_zero_points + row;
    const float seen = fg_dynamic_row(p->w + row * s->inputs, p->w_totals[row], w_zero,
                                      x_scale * p->w_scale[row * p->w_step], x, s->inputs, x_zero);
    const float kept = fg_dynamic_row(p->r + row * s->units, p->r_totals[row], r_zero,
                                      h_scale * p->r_scale[row * p->r_step], h, s->units, h_zero);
    return seen + kept + p->bias[row];
}

static void fg_lstm_dynamic_f32(const fg_lstm_dynamic_f32_t *p, const int8_t *in, const float *in_scale,
                                const int8_t *in_zero, float *out, float *hidden, float *cell,
                                int8_t *work)
{
    const fg_sequence *s = &p->sequence;
    for (int32_t t = 0; t < s->steps; t++) {
        const int32_t at = fg_step_at(s, t);
        float scale;
        int8_t zero;
        fg_quantize_by_range(hidden, s->batch * s->units, work, &scale, &zero);
        for (int32_t b = 0; b < s->batch; b++) {
            const int8_t *x = in + at * s->in_step + b * s->in_batch;
            const int8_t *h = work + b * s->units;
            float *y = out + s->out_start + at * s->out_step + b * s->out_batch;
            for (int32_t u = 0; u < s->units; u++) {
                float seen[4];
                for (int32_t gate = 0; gate < 4; gate++) {
                    const int32_t row = gate * s->units + u;
                    seen[gate] = fg_dynamic_gate(p, row, x, *in_scale, *in_zero, h, scale, zero);
                }
                const float kept = fg_sigmoid_f32(seen[2]) * cell[b * s->units + u];
                const float c = kept + fg_sigmoid_f32(seen[0]) * fg_tanh_f32(seen[3]);
                cell[b * s->units + u] = c;
                y[u] = fg_sigmoid_f32(seen[1]) * fg_tanh_f32(c);
            }
            memcpy(hidden + b * s->units, y, (size_t)s->units * sizeof *y);
        }
    }
}
