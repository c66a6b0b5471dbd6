#include "sigmoid_f32.h"
#include "sqrt_f32.h"

/* What a long short-term memory does with the sums of its gates, which lie in the order input,
 * output, forget, cell. */
typedef struct {
    const float *bias;      /* 4 x cells */
    const float *peepholes; /* 3 x cells, of the gates that see the cell */
    const float *norms;     /* 4 x cells */
    int32_t cells;
    int32_t has_input_gate; /* 0 takes what the forget gate leaves */
    int32_t has_peepholes, has_norms;
    float clip; /* of the cell, 0 for none */
} fg_lstm_cell;

static inline float fg_clip_f32(float x, float clip)
{
    return clip > 0.0f ? (x < -clip ? -clip : (x > clip ? clip : x)) : x;
}

/* Brings sums to mean 0 and deviation 1. */
static void fg_lstm_normalize(float *sums, int32_t n)
{
    float mean = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        mean += sums[i];
    }
    mean /= (float)n;
    float variance = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        sums[i] -= mean;
        variance += sums[i] * sums[i];
    }
    const float inverse = 1.0f / fg_sqrt_f32(variance / (float)n + 1e-8f);
    for (int32_t i = 0; i < n; i++) {
        sums[i] *= inverse;
    }
}

/* A gate's sums become what its function is taken of. */
static void fg_lstm_gate_sums(const fg_lstm_cell *p, int32_t gate, float *sums, const float *cell)
{
    if (p->has_peepholes && gate < 3) {
        for (int32_t u = 0; u < p->cells; u++) {
            sums[u] += p->peepholes[gate * p->cells + u] * cell[u];
        }
    }
    if (p->has_norms) {
        fg_lstm_normalize(sums, p->cells);
    }
    for (int32_t u = 0; u < p->cells; u++) {
        const float norm = p->has_norms ? p->norms[gate * p->cells + u] : 1.0f;
        sums[u] = sums[u] * norm + p->bias[gate * p->cells + u];
    }
}

/* Brings the cell up to date; the first gate's sums become what the layer remembers. */
static void fg_lstm_update(const fg_lstm_cell *p, float *sums, float *cell)
{
    float *out = sums + p->cells;
    float *forget = out + p->cells;
    float *next = forget + p->cells;
    if (p->has_input_gate) {
        fg_lstm_gate_sums(p, 0, sums, cell);
    }
    fg_lstm_gate_sums(p, 2, forget, cell);
    fg_lstm_gate_sums(p, 3, next, cell);
    for (int32_t u = 0; u < p->cells; u++) {
        const float f = fg_sigmoid_f32(forget[u]);
        const float i = p->has_input_gate ? fg_sigmoid_f32(sums[u]) : 1.0f - f;
        cell[u] = fg_clip_f32(f * cell[u] + i * fg_tanh_f32(next[u]), p->clip);
    }
    fg_lstm_gate_sums(p, 1, out, cell);
    for (int32_t u = 0; u < p->cells; u++) {
        sums[u] = fg_sigmoid_f32(out[u]) * fg_tanh_f32(cell[u]);
    }
}
