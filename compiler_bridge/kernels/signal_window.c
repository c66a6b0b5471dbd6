#include "clamp.h"

/* Samples times a window, shifted down. */
typedef struct {
    int32_t frames, n, shift;
} fg_signal_window_t;

static void fg_signal_window(const fg_signal_window_t *p, const int16_t *in, const int16_t *window,
                             int16_t *out)
{
    for (int32_t frame = 0; frame < p->frames; frame++) {
        for (int32_t i = 0; i < p->n; i++) {
            *out++ = (int16_t)fg_clamp((*in++ * window[i]) >> p->shift, -32768, 32767);
        }
    }
}
