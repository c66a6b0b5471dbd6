typedef struct {
    const float *weights;
    const float *bias;
    int32_t batch, in_n, out_n;
    float low, high;
} fg_fully_connected_f32_t;

static inline float fg_bounded_f32(const fg_fully_connected_f32_t *p, float y)
{
    return y < p->low ? p->low : (y > p->high ? p->high : y);
}

/* Four outputs at a time share each input; every sum is taken in the order of its inputs. */
static void fg_fully_connected_f32(const fg_fully_connected_f32_t *p, const float *in, float *out)
{
    const int32_t n = p->in_n;
    for (int32_t b = 0; b < p->batch; b++) {
        const float *w = p->weights;
        const float *bias = p->bias;
        int32_t left = p->out_n;
        for (; left >= 4; left -= 4) {
            float acc[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            const float *w1 = w + n;
            const float *w2 = w1 + n;
            const float *w3 = w2 + n;
            FG_KEEP_ROLLED
            for (int32_t i = 0; i < n; i++) {
                const float x = in[i];
                acc[0] += x * *w++;
                acc[1] += x * *w1++;
                acc[2] += x * *w2++;
                acc[3] += x * *w3++;
            }
            w = w3;
            for (int32_t k = 0; k < 4; k++) {
                *out++ = fg_bounded_f32(p, acc[k] + *bias++);
            }
        }
        for (; left > 0; left--) {
            float acc = 0.0f;
            for (int32_t i = 0; i < n; i++) {
                acc += in[i] * *w++;
            }
            *out++ = fg_bounded_f32(p, acc + *bias++);
        }
        in += n;
    }
}
