#include "bit_length.h"

/* Rounded square roots of 64-bit numbers, shifted down by a computed number of bits. */
typedef struct {
    int32_t n;
} fg_signal_square_root_t;

/* Digit by digit; of numbers below 2^32 no root is rounded to 2^16. */
static uint32_t fg_root_of_64(uint64_t x)
{
    const uint32_t high = (uint32_t)(x >> 32);
    const int32_t length = high ? 32 + fg_bit_length(high) : fg_bit_length((uint32_t)x);
    if (length == 0) {
        return 0;
    }
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << ((length - 1) & ~1); bit != 0u; bit >>= 2) {
        const uint64_t part = root + bit;
        root >>= 1;
        if (x >= part) {
            x -= part;
            root += bit;
        }
    }
    return (uint32_t)(x > root && root != (high ? 0xffffffffu : 0xffffu) ? root + 1u : root);
}

static void fg_signal_square_root(const fg_signal_square_root_t *p, const uint8_t *in,
                                  const int32_t *bits, uint32_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        uint64_t x;
        memcpy(&x, in + 8 * i, sizeof x);
        out[i] = fg_root_of_64(x) >> (*bits & 31);
    }
}
