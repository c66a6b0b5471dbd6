/* Slices along one axis that lie between two of the input, `share` of the way from the first. */
typedef struct {
    const int16_t *first;
    const int16_t *last;
    const float *share;
    int32_t outer, in_n, out_n, run;
} fg_blend_f32_t;

static void fg_blend_f32(const fg_blend_f32_t *p, const float *in, float *out)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->out_n; i++) {
            const float *a = in + p->first[i] * p->run;
            const float *b = in + p->last[i] * p->run;
            for (int32_t r = 0; r < p->run; r++) {
                *out++ = a[r] * (1.0f - p->share[i]) + b[r] * p->share[i];
            }
        }
        in += p->in_n * p->run;
    }
}
