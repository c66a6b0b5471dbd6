#include "dot_s8.h"
#include "range_s8.h"

/* Singular value decomposition filters of float32 values with int8 weights, see svdf_f32.c: the
 * values come as int8 with the range of each batch, the memory is float32. */
typedef struct {
    const int8_t *feature_weights; /* filters x inputs */
    const int32_t *sums;           /* of a filter's feature weights */
    const int8_t *time_weights;    /* filters x memory */
    const float *bias;             /* a unit */
    float feature_scale, time_scale;
    int32_t batch, inputs, units, rank, memory;
    float low, high;
} fg_svdf_hybrid_f32_t;

/* Puts a value behind those that a filter remembers; returns what it makes of them. */
static float fg_svdf_hybrid_filter(const fg_svdf_hybrid_f32_t *p, const int8_t *w, float *memory,
                                   float feature)
{
    float sum = 0.0f;
    for (int32_t i = 0; i < p->memory; i++) {
        memory[i] = i + 1 < p->memory ? memory[i + 1] : feature;
        sum += ((float)w[i] * p->time_scale) * memory[i];
    }
    return sum;
}

static void fg_svdf_hybrid_f32(const fg_svdf_hybrid_f32_t *p, const int8_t *in,
                               const fg_range_s8 *ranges, float *out, float *memory)
{
    for (int32_t b = 0; b < p->batch; b++) {
        const float scale = ranges[b].scale * p->feature_scale;
        for (int32_t unit = 0; unit < p->units; unit++) {
            float y = p->bias[unit];
            for (int32_t r = 0; r < p->rank; r++) {
                const int32_t filter = unit * p->rank + r;
                const int32_t sum =
                    fg_dot_s8(in, p->feature_weights + filter * p->inputs, p->inputs)
                    - ranges[b].zero_point * p->sums[filter];
                y += fg_svdf_hybrid_filter(p, p->time_weights + filter * p->memory, memory,
                                           (float)sum * scale);
                memory += p->memory;
            }
            *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
        }
        in += p->inputs;
    }
}
