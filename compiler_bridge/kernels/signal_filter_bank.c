/* Weighted energies of overlapping bands: each frequency counts for its band with a weight and for the
 * next with the rest. Sums have 64 bits. */
typedef struct {
    const int16_t *weight, *rest, *first, *start, *width;
    int32_t n;
} fg_signal_filter_bank_t;

static void fg_signal_filter_bank(const fg_signal_filter_bank_t *p, const uint32_t *in, uint8_t *out)
{
    uint64_t carried = 0;
    for (int32_t i = 0; i <= p->n; i++) {
        uint64_t sum = carried;
        carried = 0;
        for (int32_t j = 0; j < p->width[i]; j++) {
            const uint64_t x = in[p->first[i] + j];
            sum += (uint64_t)(int64_t)p->weight[p->start[i] + j] * x;
            carried += (uint64_t)(int64_t)p->rest[p->start[i] + j] * x;
        }
        if (i > 0) {
            memcpy(out, &sum, sizeof sum);
            out += sizeof sum;
        }
    }
}
