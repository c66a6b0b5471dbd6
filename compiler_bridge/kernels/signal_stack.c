/* The last `frames` frames in a row, one time in `step`; at other times zeros, and the truth is 0.
 * `filled` tells how many there are, or -1 at the start: the first frame stands for `before` more. */
typedef struct {
    int32_t n, frames, before, step;
} fg_signal_stack_t;

static void fg_signal_stack(const fg_signal_stack_t *p, const int16_t *in, int16_t *out,
                            uint8_t *valid, int16_t *kept, int32_t *filled)
{
    const size_t frame_bytes = (size_t)p->n * sizeof *in;
    const size_t all_bytes = (size_t)p->frames * frame_bytes;
    const int32_t times = *filled < 0 ? p->before + 1 : 1;
    for (int32_t i = 0; i < times; i++) {
        memmove(kept, kept + p->n, all_bytes - frame_bytes);
        memcpy(kept + (p->frames - 1) * p->n, in, frame_bytes);
    }
    *filled = (*filled < 0 ? 0 : *filled) + times;
    *valid = *filled == p->frames;
    if (*valid) {
        memcpy(out, kept, all_bytes);
        *filled -= p->step;
    } else {
        memset(out, 0, all_bytes);
    }
}
