#include "simd.h"

/* Arithmetic on single halfwords of the words that simd.h makes: bb the low ones, tt the high. */
#if FG_SIMD
#if defined(FG_EMULATE_SIMD)
static inline int32_t fg_smlabb(uint32_t x, uint32_t y, int32_t acc)
{
    return acc + (int16_t)x * (int16_t)y;
}
static inline int32_t fg_smlatt(uint32_t x, uint32_t y, int32_t acc)
{
    return fg_smlabb(x >> 16, y >> 16, acc);
}
static inline uint32_t fg_sxtab16(uint32_t acc, uint32_t x)
{
    const uint32_t pair = fg_sxtb16(x);
    return ((acc + pair) & 0xFFFFu) | ((acc & 0xFFFF0000u) + (pair & 0xFFFF0000u));
}
#else
#define fg_smlabb(x, y, acc) (__smlabb((int32_t)(x), (int32_t)(y), (acc)))
#define fg_smlatt(x, y, acc) (__smlatt((int32_t)(x), (int32_t)(y), (acc)))
#define fg_sxtab16(acc, x) ((uint32_t)__sxtab16((int16x2_t)(acc), (int8x4_t)(x)))
#endif

/* Adds sign-extended bytes 1 and 3 to halfwords; fg_sxtab16 does bytes 0 and 2. */
static inline uint32_t fg_sxtab16_odd(uint32_t acc, uint32_t x)
{
    return fg_sxtab16(acc, x >> 8 | x << 24);
}
#endif
