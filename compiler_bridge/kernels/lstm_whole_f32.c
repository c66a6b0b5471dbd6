#include "lstm_cell_f32.h"
#include "recurrent.h"

/* Long short-term memory with all that TensorFlow Lite's may have: peepholes, normalized gates, a
 * projection. Its state is batch x units and batch x cells; sums has room for 4 x cells. */
typedef struct {
    fg_sequence sequence;
    fg_lstm_cell cell;
    const float *w;               /* 4 x cells x inputs */
    const float *r;               /* 4 x cells x units */
    const float *projection;      /* units x cells */
    const float *projection_bias; /* units */
    int32_t has_projection;
    float projection_clip; /* 0 for none */
} fg_lstm_whole_f32_t;

static float fg_lstm_dot(const float *a, const float *b, int32_t n)
{
    float sum = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

static void fg_lstm_whole_f32(const fg_lstm_whole_f32_t *p, const float *in, float *out,
                              float *hidden, float *cell, float *sums)
{
    const fg_sequence *s = &p->sequence;
    const int32_t cells = p->cell.cells;
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const float *x = in + t * s->in_step + b * s->in_batch;
            for (int32_t row = 0; row < 4 * cells; row++) {
                sums[row] = fg_lstm_dot(x, p->w + row * s->inputs, s->inputs)
                            + fg_lstm_dot(hidden, p->r + row * s->units, s->units);
            }
            fg_lstm_update(&p->cell, sums, cell);
            for (int32_t u = 0; u < s->units; u++) {
                hidden[u] = sums[u];
                if (p->has_projection) {
                    const float y = fg_lstm_dot(sums, p->projection + u * cells, cells);
                    hidden[u] = fg_clip_f32(y + p->projection_bias[u], p->projection_clip);
                }
            }
            memcpy(out + t * s->out_step + b * s->out_batch, hidden,
                   (size_t)s->units * sizeof *hidden);
        }
        hidden += s->units;
        cell += cells;
    }
}
