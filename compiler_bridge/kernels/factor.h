/* A constant that integers are brought to floats with, or floats to integers. For Helium, clang 22
 * makes one VCVT of a conversion and a product with a power of two, and may take the number of its
 * fraction bits from another constant of the function: so the factor is kept from its sight. */
#if defined(__clang__) && defined(__ARM_FEATURE_MVE)
static inline FG_MAY_BE_UNUSED float fg_factor(float x)
{
    __asm__("" : "+t"(x));
    return x;
}
#else
static inline FG_MAY_BE_UNUSED float fg_factor(float x)
{
    return x;
}
#endif
