#include "clamp.h"
#include "factor.h"
#include "round_float.h"

#if FG_HAS_FPU
static inline int32_t fg_scale_round(int32_t acc, float scale)
{
    return fg_round_even(fg_clamp_f32((float)acc * fg_factor(scale), -1024.0f, 1024.0f));
}
#else
/* x / 2^shift, halves to even, 1 <= shift <= 63. */
static inline uint64_t fg_shift_right_even(uint64_t x, int32_t shift)
{
    const uint64_t half = (uint64_t)1 << (shift - 1);
    const uint64_t rest = x & ((half << 1) - 1u);
    const uint64_t quotient = x >> (shift - 1) >> 1;
    return quotient + ((rest > half || (rest == half && (quotient & 1u) != 0u)) ? 1u : 0u);
}

static inline int32_t fg_bit_length(uint64_t x)
{
    return x == 0u ? 0 : 64 - __builtin_clzll(x);
}

/* Keeps the leading 24 bits, rounded to even, as float32 does; the value stays in place. */
static inline uint64_t fg_to_24_bits(uint64_t x)
{
    const int32_t extra = fg_bit_length(x) - 24;
    return extra > 0 ? fg_shift_right_even(x, extra) << extra : x;
}

/* The same float32 arithmetic in integers, bit for bit, for cores without an FPU. */
static int32_t fg_scale_round(int32_t acc, float scale)
{
    uint32_t bits;
    memcpy(&bits, &scale, sizeof bits);
    const uint32_t fraction = (bits & 0x7FFFFFu) | ((bits >> 23) != 0u ? 0x800000u : 0u);
    const int32_t shift = 150 - (int32_t)((bits >> 23) != 0u ? (bits >> 23) : 1u);
    const uint32_t magnitude = acc < 0 ? 0u - (uint32_t)acc : (uint32_t)acc;
    const uint64_t product = fg_to_24_bits(fg_to_24_bits(magnitude) * fraction);
    uint64_t y;
    if (shift > 63) {
        y = 0u;
    } else if (shift > 0) {
        y = fg_shift_right_even(product, shift);
    } else {
        y = product == 0u ? 0u : 1024u; /* a scale of 2^24 and more saturates anything but zero */
    }
    if (y > 1024u) {
        y = 1024u;
    }
    return acc < 0 ? -(int32_t)y : (int32_t)y;
}
#endif
