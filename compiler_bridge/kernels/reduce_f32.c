/* The largest (0), the smallest (1) or the sum (2, 3) of each n elements that lie `inner` apart; 3
 * carries what each addition loses (Kahan). */
typedef struct {
    int32_t operation;
    int32_t outer, n, inner;
} fg_reduce_f32_t;

static float fg_reduce_one_f32(const fg_reduce_f32_t *p, const float *in)
{
    float y = in[0];
    float lost = 0.0f;
    for (int32_t i = 1; i < p->n; i++) {
        const float x = in[i * p->inner];
        if (p->operation == 3) {
            const float more = x - lost;
            const float sum = y + more;
            lost = (sum - y) - more;
            y = sum;
        } else {
            y = p->operation == 2 ? y + x : (p->operation == 0 ? x > y : x < y) ? x : y;
        }
    }
    return y;
}

static void fg_reduce_f32(const fg_reduce_f32_t *p, const float *in, float *out)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->inner; c++) {
            *out++ = fg_reduce_one_f32(p, in + c);
        }
        in += p->n * p->inner;
    }
}
