#include "bit_length.h"

/* Samples shifted up until the largest fills 16 bits, and by how many bits that was. */
typedef struct {
    int32_t n;
} fg_signal_auto_scale_t;

static void fg_signal_auto_scale(const fg_signal_auto_scale_t *p, const int16_t *in, int16_t *out,
                                 int32_t *bits)
{
    int32_t most = 0;
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t x = in[i];
        /* 16 bits hold no +32768: TFLM goes on from -32768 then. */
        most = x > most ? x : (-x > most ? (int16_t)-x : most);
    }
    /* Silence is not shifted, nor are samples whose largest was lost. */
    const int32_t shift = most > 0 ? 15 - fg_bit_length((uint32_t)most) : 0;
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (int16_t)(in[i] * (1 << shift));
    }
    *bits = shift;
}
