/* The k largest (1) or smallest (-1) of each n values that lie `inner` apart, the first of equals
 * first, and their places as integers of 64 bits. */
typedef struct {
    int32_t sign;
    int32_t outer, n, inner, k;
} fg_top_k_f32_t;

/* Whether value i comes behind what was taken last, and before the best so far. */
static inline int32_t fg_is_next(const fg_top_k_f32_t *p, const float *in, int32_t i, int32_t last,
                                 int32_t best)
{
    const float sign = (float)p->sign;
    const float x = sign * in[i * p->inner];
    if (last >= 0) {
        const float taken = sign * in[last * p->inner];
        if (x > taken || (x >= taken && i <= last)) {
            return 0;
        }
    }
    return best < 0 || x > sign * in[best * p->inner];
}

static void fg_top_k_f32(const fg_top_k_f32_t *p, const float *in, float *values, void *places)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->inner; c++) {
            int32_t last = -1;
            for (int32_t j = 0; j < p->k; j++) {
                int32_t best = -1;
                for (int32_t i = 0; i < p->n; i++) {
                    best = fg_is_next(p, in + c, i, last, best) ? i : best;
                }
                const int32_t at = (o * p->k + j) * p->inner + c;
                last = best < 0 ? 0 : best;
                const int64_t place = last;
                values[at] = in[c + last * p->inner];
                memcpy((uint8_t *)places + at * 8, &place, sizeof place);
            }
        }
        in += p->n * p->inner;
    }
}
