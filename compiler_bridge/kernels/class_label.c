/* The label of each row of n scores: of the largest, the first of equals; of one score the second where
 * it exceeds a threshold. Labels are written as integers of 64 bits. */
typedef struct {
    const int32_t *labels;
    float threshold;
    int32_t batch, n;
} fg_class_label_t;

static void fg_class_label(const fg_class_label_t *p, const float *in, void *out)
{
    uint8_t *to = out;
    for (int32_t b = 0; b < p->batch; b++) {
        int32_t best = p->n == 1 && in[0] > p->threshold ? 1 : 0;
        for (int32_t i = 1; i < p->n; i++) {
            best = in[i] > in[best] ? i : best;
        }
        const int64_t label = p->labels[best];
        memcpy(to, &label, sizeof label);
        in += p->n;
        to += sizeof label;
    }
}
