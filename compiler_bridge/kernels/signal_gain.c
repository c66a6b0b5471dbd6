#include "bit_length.h"

/* Per-channel amplitude normalization: a gain by the noise, given as a piecewise parabola, then
 * x^2 / 4 below 2 and x - 1 from there on, with 12 fractional bits before and 6 after. */
typedef struct {
    int32_t n, shift;
} fg_signal_gain_t;

static int16_t fg_gain_of_noise(uint32_t x, const int16_t *table)
{
    if (x <= 2u) {
        return table[x];
    }
    const int32_t interval = fg_bit_length(x);
    const int16_t *piece = table + 4 * interval - 6;
    const uint32_t shifted = interval < 11 ? x << (11 - interval) : x >> (interval - 11);
    const int32_t at = (int32_t)(shifted & 0x3ffu);
    int32_t y = ((piece[2] * at) >> 5) + piece[1] * 32;
    y = (int32_t)((uint32_t)y * (uint32_t)at + 16384u) >> 15;
    return (int16_t)(y + piece[0]);
}

static void fg_signal_gain(const fg_signal_gain_t *p, const uint32_t *in, const uint32_t *noise,
                           const int16_t *table, uint32_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const uint32_t gain = (uint32_t)(int32_t)fg_gain_of_noise(noise[i], table);
        const uint32_t x = (uint32_t)(((uint64_t)in[i] * gain) >> p->shift);
        out[i] = x < (2u << 12) ? (x * x) >> 20 : (x >> 6) - 64u;
    }
}
