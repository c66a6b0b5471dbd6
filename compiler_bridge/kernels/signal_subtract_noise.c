/* Takes a smoothed estimate of the noise, which it keeps, off each channel. */
typedef struct {
    int32_t n, input_bits, bits, clamping;
    int32_t smoothing[2], keeping[2]; /* of even and odd channels */
    int32_t least;
} fg_signal_subtract_noise_t;

static void fg_signal_subtract_noise(const fg_signal_subtract_noise_t *p, const uint32_t *in,
                                     uint32_t *out, uint32_t *noise, uint32_t *kept)
{
    for (int32_t i = 0; i < p->n; i++) {
        const uint32_t x = in[i] << p->input_bits;
        const uint64_t fresh = (uint64_t)x * (uint32_t)p->smoothing[i & 1];
        const uint64_t old = (uint64_t)kept[i] * (uint32_t)p->keeping[i & 1];
        const uint32_t estimate = (uint32_t)((fresh + old) >> p->bits);
        const uint32_t taken = estimate > x ? x : estimate;
        const uint32_t least = (uint32_t)(((uint64_t)in[i] * (uint32_t)p->least) >> p->bits);
        const uint32_t left = (x - taken) >> p->input_bits;
        kept[i] = p->clamping ? taken : estimate;
        noise[i] = kept[i];
        out[i] = left > least ? left : least;
    }
}
