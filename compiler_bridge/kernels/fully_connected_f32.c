typedef struct {
    const float *weights;
    const float *bias;
    int32_t batch, in_n, out_n;
    float low, high;
} fg_fully_connected_f32_t;

static void fg_fully_connected_f32(const fg_fully_connected_f32_t *p, const float *in, float *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        const float *w = p->weights;
        for (int32_t o = 0; o < p->out_n; o++) {
            float acc = 0.0f;
            for (int32_t i = 0; i < p->in_n; i++) {
                acc += in[i] * *w++;
            }
            acc += p->bias[o];
            *out++ = acc < p->low ? p->low : (acc > p->high ? p->high : acc);
        }
        in += p->in_n;
    }
}
