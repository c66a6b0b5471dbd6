/* Defines a kernel that adds frames of `size` up, each `step` behind the one before, and keeps what
 * later frames are added to; `sum` is that of x and y. */
#define FG_SIGNAL_OVERLAP(name, sample, sum)                                                       \
    typedef struct {                                                                               \
        int32_t rows, frames, size, step;                                                          \
    } fg_##name##_t;                                                                               \
    static void fg_##name(const fg_##name##_t *p, const sample *in, sample *out, sample *kept)     \
    {                                                                                              \
        const int32_t left = p->size - p->step;                                                    \
        for (int32_t row = 0; row < p->rows; row++) {                                              \
            for (int32_t frame = 0; frame < p->frames; frame++) {                                  \
                for (int32_t i = 0; i < p->size; i++) {                                            \
                    const sample x = kept[i];                                                      \
                    const sample y = in[i];                                                        \
                    kept[i] = sum;                                                                 \
                }                                                                                  \
                memcpy(out, kept, (size_t)p->step * sizeof *out);                                  \
                memmove(kept, kept + p->step, (size_t)left * sizeof *kept);                        \
                memset(kept + left, 0, (size_t)p->step * sizeof *kept);                            \
                in += p->size;                                                                     \
                out += p->step;                                                                    \
            }                                                                                      \
            kept += p->size;                                                                       \
        }                                                                                          \
    }
