#include "bit_length.h"

/* Natural logarithms, scaled: the table holds 65536 (log2(1 + i / 128) - i / 128). */
typedef struct {
    const int16_t *table;
    int32_t n, scale, bits;
} fg_signal_log_t;

static uint32_t fg_log_of(const int16_t *table, uint32_t x, uint32_t scale)
{
    const int32_t whole = fg_bit_length(x) - 1;
    const uint32_t rest = x - ((uint32_t)1 << whole);
    const uint32_t part = whole < 16 ? rest << (16 - whole) : rest >> (whole - 16);
    const uint32_t segment = part >> 9;
    const int32_t gap = table[segment + 1u] - table[segment];
    const int32_t more = (gap * (int32_t)(part - (segment << 9))) >> 16;
    const uint32_t log2 = ((uint32_t)whole << 16) + part + (uint32_t)(table[segment] + more);
    const uint32_t log = (uint32_t)((45426u * (uint64_t)log2 + 32768u) >> 16);
    return (scale * log + 32768u) >> 16;
}

static void fg_signal_log(const fg_signal_log_t *p, const uint32_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const uint32_t x = in[i] << p->bits;
        const uint32_t y = x > 1u ? fg_log_of(p->table, x, (uint32_t)p->scale) : 0u;
        out[i] = (int16_t)(y < 32767u ? y : 32767u);
    }
}
