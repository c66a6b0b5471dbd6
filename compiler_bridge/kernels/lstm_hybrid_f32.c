#include "dot_s8.h"
#include "lstm_cell_f32.h"
#include "range_s8.h"
#include "recurrent.h"

/* Long short-term memory of float32 values with int8 weights, see lstm_whole_f32.c; work has room
 * for the longest row of a matrix. */
typedef struct {
    fg_sequence sequence;
    fg_lstm_cell cell;
    const int8_t *w;              /* 4 x cells x inputs */
    const int8_t *r;              /* 4 x cells x units */
    const int8_t *projection;     /* units x cells */
    const int32_t *w_sums;        /* a row */
    const int32_t *r_sums;        /* a row */
    const int32_t *projection_sums;
    const float *projection_bias; /* units */
    const float *w_scales; /* a gate */
    const float *r_scales; /* a gate */
    const float *projection_scale;
    int32_t has_projection, asymmetric;
    float projection_clip; /* 0 for none */
} fg_lstm_hybrid_f32_t;

/* A matrix of weights: `each` of its rows have one scale. */
typedef struct {
    const int8_t *weights;
    const int32_t *sums; /* a row */
    const float *scales;
    int32_t rows, each, n;
} fg_lstm_matrix;

/* Adds the products of a matrix's rows with float32 values, which are brought to int8 first. */
static void fg_lstm_products(const fg_lstm_matrix *m, int32_t asymmetric, const float *in,
                             float *sums, int8_t *work)
{
    const fg_range_s8 range =
        asymmetric ? fg_asymmetric_s8(in, m->n, work) : fg_symmetric_s8(in, m->n, work);
    for (int32_t row = 0; row < m->rows; row++) {
        const int32_t sum =
            fg_dot_s8(work, m->weights + row * m->n, m->n) - range.zero_point * m->sums[row];
        sums[row] += (float)sum * (range.scale * m->scales[row / m->each]);
    }
}

static void fg_lstm_hybrid_f32(const fg_lstm_hybrid_f32_t *p, const float *in, float *out,
                               float *hidden, float *cell, float *sums, int8_t *work)
{
    const fg_sequence *s = &p->sequence;
    const int32_t cells = p->cell.cells;
    const fg_lstm_matrix w = {p->w, p->w_sums, p->w_scales, 4 * cells, cells, s->inputs};
    const fg_lstm_matrix r = {p->r, p->r_sums, p->r_scales, 4 * cells, cells, s->units};
    const fg_lstm_matrix projection = {
        p->projection, p->projection_sums, p->projection_scale, s->units, s->units, cells};
    for (int32_t b = 0; b < s->batch; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const float *x = in + t * s->in_step + b * s->in_batch;
            for (int32_t row = 0; row < 4 * cells; row++) {
                sums[row] = 0.0f;
            }
            fg_lstm_products(&w, p->asymmetric, x, sums, work);
            fg_lstm_products(&r, p->asymmetric, hidden, sums, work);
            fg_lstm_update(&p->cell, sums, cell);
            if (p->has_projection) {
                memcpy(hidden, p->projection_bias, (size_t)s->units * sizeof *hidden);
                fg_lstm_products(&projection, p->asymmetric, sums, hidden, work);
                for (int32_t u = 0; u < s->units; u++) {
                    hidden[u] = fg_clip_f32(hidden[u], p->projection_clip);
                }
            } else {
                memcpy(hidden, sums, (size_t)s->units * sizeof *hidden);
            }
            memcpy(out + t * s->out_step + b * s->out_batch, hidden,
                   (size_t)s->units * sizeof *hidden);
        }
        hidden += s->units;
        cell += cells;
    }
}
