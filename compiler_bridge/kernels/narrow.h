/* Accumulator to output scale in TensorFlow Lite's fixed point, where the lowering has shown that
 * all accumulators stay below 2^29, all multipliers below 1/2 and all outputs keep the range of
 * int8: multiplier * 2^(-32 - shift). */

/* round(twice / 2 * multiplier / 2^31), halves upwards; `twice` is even. */
static inline int32_t fg_narrow_multiply(int32_t twice, int32_t multiplier)
{
#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP)
    int32_t y;
    __asm__("smmulr %0, %1, %2" : "=r"(y) : "r"(twice), "r"(multiplier));
    return y;
#elif defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__) || defined(FG_EMULATE_NARROW)
    /* No long multiplication: four of halves. Each sum stays within 32 bits, and what is shifted out
     * is below the last place of what it was added to. */
    const int32_t acc = twice >> 1;
    const int32_t low = (int16_t)acc;
    const int32_t high = (acc - low) >> 16;
    const int32_t m_low = (int32_t)((uint32_t)multiplier & 0xFFFFu);
    const int32_t m_high = multiplier >> 16;
    const int32_t middle = high * m_low + low * m_high + ((low * m_low) >> 16);
    return high * m_high * 2 + ((middle + (1 << 14)) >> 15);
#else
    const int64_t product = (int64_t)twice * multiplier;
    return (int32_t)(product >> 32) + (int32_t)((uint32_t)product >> 31);
#endif
}

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
