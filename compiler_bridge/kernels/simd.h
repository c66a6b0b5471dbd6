/* What cores do at once. FG_MVE: vectors of 16 bytes, as the Cortex-M55 and M85 have. FG_DSP: pairs
 * of 16-bit numbers in a word, as the DSP extension of Armv7E-M and Armv8-M works on them. With
 * FG_EMULATE_SIMD the loops for the latter run on any little-endian machine, for tests. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)
#if __ARM_FEATURE_MVE & 2 /* float32, too */
#include <arm_mve.h>
#define FG_MVE 1
#endif
#endif
#ifndef FG_MVE
#define FG_MVE 0
#endif

#if FG_MVE
#define FG_SIMD 0
#define FG_DSP 0
#elif defined(__GNUC__) && defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_UNALIGNED)
#include <arm_acle.h>
#define FG_SIMD 1
#define FG_DSP 1
#define fg_sxtb16(x) ((uint32_t)__sxtb16((int8x4_t)(x)))
#define fg_smlad(x, y, acc) ((uint32_t)__smlad((int16x2_t)(x), (int16x2_t)(y), (int32_t)(acc)))
#elif defined(FG_EMULATE_SIMD)
#define FG_SIMD 1
#define FG_DSP 0
static inline FG_MAY_BE_UNUSED uint32_t fg_sxtb16(uint32_t x)
{
    return ((x & 0x00FF00FFu) ^ 0x00800080u) - 0x00800080u + ((x & 0x80u) << 9);
}
static inline FG_MAY_BE_UNUSED uint32_t fg_smlad(uint32_t x, uint32_t y, uint32_t acc)
{
    const int32_t low = (int16_t)x * (int16_t)y;
    const int32_t high = (int16_t)(x >> 16) * (int16_t)(y >> 16);
    return acc + (uint32_t)low + (uint32_t)high;
}
#else
#define FG_SIMD 0
#define FG_DSP 0
#endif

#if FG_SIMD
/* Sign-extends bytes 1 and 3; fg_sxtb16 does bytes 0 and 2. */
static inline FG_MAY_BE_UNUSED uint32_t fg_sxtb16_odd(uint32_t x)
{
    return fg_sxtb16(x >> 8 | x << 24);
}

/* Four bytes at a multiple of four. */
static inline FG_MAY_BE_UNUSED uint32_t fg_aligned_word(const int8_t *x)
{
    uint32_t word;
    __builtin_memcpy(&word, __builtin_assume_aligned(x, 4), sizeof word);
    return word;
}
#endif

#if FG_SIMD || FG_MVE
/* Four bytes at any address; three of them may lie beyond what is used. */
static inline FG_MAY_BE_UNUSED uint32_t fg_word(const int8_t *x)
{
    uint32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    return word;
}
#endif
