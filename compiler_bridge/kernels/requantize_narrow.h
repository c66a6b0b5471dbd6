/* Accumulator to output scale in TensorFlow Lite's fixed point, where the lowering has shown that
 * all accumulators stay below 2^29, all multipliers below 1/2 and all outputs keep the range of
 * int8: multiplier * 2^(-32 - shift), one for each channel (step 1) or one (step 0). */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift; /* to the right, less one */
    int32_t step;
    int32_t zero_point;
} fg_requant;

/* round(acc * multiplier / 2^31), halves upwards. */
static inline int32_t fg_narrow_multiply(int32_t acc, int32_t multiplier)
{
#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP)
    int32_t y;
    __asm__("smmulr %0, %1, %2" : "=r"(y) : "r"(acc * 2), "r"(multiplier));
    return y;
#elif defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__) || defined(FG_EMULATE_NARROW)
    /* No long multiplication: four of halves. Each sum stays within 32 bits, and what is shifted out
     * is below the last place of what it was added to. */
    const int32_t low = (int16_t)acc;
    const int32_t high = (acc - low) >> 16;
    const int32_t m_low = (int32_t)((uint32_t)multiplier & 0xFFFFu);
    const int32_t m_high = multiplier >> 16;
    const int32_t middle = high * m_low + low * m_high + ((low * m_low) >> 16);
    return high * m_high * 2 + ((middle + (1 << 14)) >> 15);
#else
    return (int32_t)(((int64_t)acc * multiplier + (1 << 30)) >> 31);
#endif
}

static inline int32_t fg_saturate_s8(int32_t x)
{
/* Clang names the feature on Armv8-M Baseline, too, which has no such instruction. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT) && !defined(__ARM_ARCH_8M_BASE__)
    __asm__("ssat %0, #8, %1" : "=r"(x) : "r"(x));
    return x;
#else
    return x < -128 ? -128 : (x > 127 ? 127 : x);
#endif
}

/* The product is shifted with halves away from zero: negative ones are first moved down by one. */
static inline int8_t fg_narrow_requantize(int32_t acc, int32_t multiplier, int32_t shift, int32_t zero_point)
{
    const int32_t y = fg_narrow_multiply(acc, multiplier);
    const int32_t z = (y + (y >> 31)) >> shift;
    return (int8_t)fg_saturate_s8((z + (2 * zero_point + 1)) >> 1);
}

static inline int8_t fg_requantize(const fg_requant *r, int32_t channel, int32_t acc)
{
    const int32_t c = channel * r->step;
    return fg_narrow_requantize(acc, r->multiplier[c], r->shift[c], r->zero_point);
}
