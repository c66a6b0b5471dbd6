#include "narrow_multiply.h"

/* Accumulator to output scale in TensorFlow Lite's fixed point, where the lowering has shown that
 * all accumulators stay below 2^29, all multipliers below 1/2 and all outputs keep the range of
 * int8: multiplier * 2^(-32 - shift). */

/* x / 2, to the range of int8. */
static inline int8_t fg_halve_to_s8(int32_t x)
{
/* Clang names the feature on Armv8-M Baseline, too, which has no such instruction. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT) && !defined(__ARM_ARCH_8M_BASE__)
    int32_t y;
    __asm__("ssat %0, #8, %1, asr #1" : "=r"(y) : "r"(x));
    return (int8_t)y;
#else
    const int32_t y = x >> 1;
    return (int8_t)(y < -128 ? -128 : (y > 127 ? 127 : y));
#endif
}

/* The product is shifted with halves away from zero: negative ones are first moved down by one. */
static inline int8_t fg_narrow_requantize(int32_t twice, int32_t multiplier, int32_t shift,
                                          int32_t center)
{
    const int32_t y = fg_narrow_multiply(twice, multiplier);
    return fg_halve_to_s8(((y + (y >> 31)) >> shift) + center);
}
