/* Sums of all float32 values up to each of n that lie `inner` apart; without the value itself where
 * `exclusive`, from the end where `reverse`. */
typedef struct {
    int32_t outer, n, inner;
    int32_t exclusive, reverse;
} fg_cumulate_f32_t;

static void fg_cumulate_f32(const fg_cumulate_f32_t *p, const float *in, float *out)
{
    const int32_t step = p->reverse ? -p->inner : p->inner;
    const int32_t first = p->reverse ? (p->n - 1) * p->inner : 0;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->inner; c++) {
            int32_t at = o * p->n * p->inner + first + c;
            float sum = 0.0f;
            for (int32_t i = 0; i < p->n; i++) {
                const float next = sum + in[at];
                out[at] = p->exclusive ? sum : next;
                sum = next;
                at += step;
            }
        }
    }
}
