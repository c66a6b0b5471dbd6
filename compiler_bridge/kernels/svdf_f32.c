/* Singular value decomposition filters: each filter's feature of the input enters its memory, whose
 * time weights give its output; `rank` filters are summed to a unit. */
typedef struct {
    const float *feature_weights; /* filters x inputs */
    const float *time_weights;    /* filters x memory */
    const float *bias;            /* a unit */
    int32_t batch, inputs, units, rank, memory;
    float low, high;
} fg_svdf_f32_t;

static float fg_svdf_feature(const fg_svdf_f32_t *p, int32_t filter, const float *in)
{
    const float *w = p->feature_weights + filter * p->inputs;
    float sum = 0.0f;
    for (int32_t i = 0; i < p->inputs; i++) {
        sum += in[i] * w[i];
    }
    return sum;
}

static void fg_svdf_f32(const fg_svdf_f32_t *p, const float *in, float *out, float *memory)
{
    for (int32_t b = 0; b < p->batch; b++) {
        int32_t filter = 0;
        for (int32_t unit = 0; unit < p->units; unit++) {
            float y = p->bias[unit];
            for (int32_t r = 0; r < p->rank; r++, filter++) {
                const float *w = p->time_weights + filter * p->memory;
                float sum = 0.0f;
                for (int32_t i = 1; i < p->memory; i++) {
                    memory[i - 1] = memory[i];
                    sum += w[i - 1] * memory[i - 1];
                }
                memory[p->memory - 1] = fg_svdf_feature(p, filter, in);
                y += sum + w[p->memory - 1] * memory[p->memory - 1];
                memory += p->memory;
            }
            *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
        }
        in += p->inputs;
    }
}
