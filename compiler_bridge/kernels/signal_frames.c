/* Frames of `size` samples, one every `step`, out of the last `window` samples of each row. `filled`
 * tells how many of them there are; as long as they are too few, frames hold zeros and the truth is 0. */
typedef struct {
    int32_t rows, frames, step, size, window;
} fg_signal_frames_t;

static void fg_signal_frames(const fg_signal_frames_t *p, const int16_t *in, int16_t *out,
                             uint8_t *valid, int16_t *kept, int32_t *filled)
{
    const int32_t left = p->window - p->step;
    int32_t n = 0;
    *valid = 1;
    for (int32_t row = 0; row < p->rows; row++) {
        n = *filled;
        for (int32_t frame = 0; frame < p->frames; frame++) {
            memmove(kept, kept + p->step, (size_t)left * sizeof *kept);
            memcpy(kept + left, in, (size_t)p->step * sizeof *kept);
            n = n < left ? n + p->step : p->window;
            if (n == p->window) {
                memcpy(out, kept, (size_t)p->size * sizeof *out);
            } else {
                memset(out, 0, (size_t)p->size * sizeof *out);
                *valid = 0;
            }
            in += p->step;
            out += p->size;
        }
        kept += p->window;
    }
    *filled = n;
}
