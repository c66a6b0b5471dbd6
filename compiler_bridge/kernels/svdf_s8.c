#include "dot_s8.h"
#include "multiply_fixed.h"
#include "clamp.h"

/* Singular value decomposition filters on int8 (TensorFlow Lite): each filter's feature of the
 * input enters its int16 memory, whose time weights give its output; `rank` filters are summed to
 * a unit. Sums wrap around, as TFLM's do. */
typedef struct {
    const int8_t *feature_weights; /* filters x inputs */
    const int32_t *feature_bias;   /* holds the input's zero point */
    const int16_t *time_weights;   /* filters x memory */
    const int32_t *bias;           /* a unit */
    int32_t batch, inputs, units, rank, memory;
    int32_t feature_multiplier, feature_shift, state_zero_point;
    int32_t out_multiplier, out_shift, out_zero_point;
} fg_svdf_s8_t;

static void fg_svdf_remember(const fg_svdf_s8_t *p, int32_t filter, const int8_t *in, int16_t *memory)
{
    const int8_t *w = p->feature_weights + filter * p->inputs;
    const int32_t sum = fg_dot_s8(in, w, p->inputs) + p->feature_bias[filter];
    const int32_t y = fg_multiply(sum, p->feature_multiplier, p->feature_shift);
    for (int32_t i = 1; i < p->memory; i++) {
        memory[i - 1] = memory[i];
    }
    memory[p->memory - 1] = (int16_t)fg_clamp(y + p->state_zero_point, -32768, 32767);
}

static void fg_svdf_s8(const fg_svdf_s8_t *p, const int8_t *in, int8_t *out, int16_t *memory)
{
    for (int32_t b = 0; b < p->batch; b++) {
        int32_t filter = 0;
        for (int32_t unit = 0; unit < p->units; unit++) {
            uint32_t sum = (uint32_t)p->bias[unit];
            for (int32_t r = 0; r < p->rank; r++, filter++) {
                const int16_t *w = p->time_weights + filter * p->memory;
                fg_svdf_remember(p, filter, in, memory);
                for (int32_t i = 0; i < p->memory; i++) {
                    sum += (uint32_t)w[i] * (uint32_t)(memory[i] - p->state_zero_point);
                }
                memory += p->memory;
            }
            const int32_t y = fg_multiply((int32_t)sum, p->out_multiplier, p->out_shift);
            *out++ = (int8_t)fg_clamp(y + p->out_zero_point, -128, 127);
        }
        in += p->inputs;
    }
}
