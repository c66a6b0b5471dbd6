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
static void fg_dot4_f32(const float *x, const float *w0, int32_t n, float acc[4])
{
    const float *w1 = w0 + n;
    const float *w2 = w1 + n;
    const float *w3 = w2 + n;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    FG_KEEP_ROLLED
    for (; n >= 4; n -= 4) {
        a0 = a0 + x[0] * w0[0] + x[1] * w0[1] + x[2] * w0[2] + x[3] * w0[3];
        a1 = a1 + x[0] * w1[0] + x[1] * w1[1] + x[2] * w1[2] + x[3] * w1[3];
        a2 = a2 + x[0] * w2[0] + x[1] * w2[1] + x[2] * w2[2] + x[3] * w2[3];
        a3 = a3 + x[0] * w3[0] + x[1] * w3[1] + x[2] * w3[2] + x[3] * w3[3];
        x += 4;
        w0 += 4;
        w1 += 4;
        w2 += 4;
        w3 += 4;
    }
    FG_KEEP_ROLLED
    for (; n > 0; n--) {
        a0 += *x * *w0++;
        a1 += *x * *w1++;
        a2 += *x * *w2++;
        a3 += *x++ * *w3++;
    }
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
}

static void fg_fully_connected_f32(const fg_fully_connected_f32_t *p, const float *in, float *out)
{
    const int32_t n = p->in_n;
    for (int32_t b = 0; b < p->batch; b++) {
        const float *w = p->weights;
        const float *bias = p->bias;
        int32_t left = p->out_n;
        for (; left >= 4; left -= 4) {
            float acc[4];
            fg_dot4_f32(in, w, n, acc);
            w += 4 * n;
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
