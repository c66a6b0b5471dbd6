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
