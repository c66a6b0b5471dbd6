/* Gives samples `delay` later, and keeps as many of each row. */
typedef struct {
    int32_t rows, n, delay;
} fg_signal_delay_t;

static void fg_signal_delay(const fg_signal_delay_t *p, const int16_t *in, int16_t *out,
                            int16_t *kept)
{
    const int32_t old = p->delay < p->n ? p->delay : p->n; /* samples that leave `kept` */
    const int32_t left = p->delay - old;
    for (int32_t row = 0; row < p->rows; row++) {
        memcpy(out, kept, (size_t)old * sizeof *out);
        memcpy(out + old, in, (size_t)(p->n - old) * sizeof *out);
        memmove(kept, kept + old, (size_t)left * sizeof *kept);
        memcpy(kept + left, in + p->n - old, (size_t)old * sizeof *kept);
        in += p->n;
        out += p->n;
        kept += p->delay;
    }
}
