/* Fixed-point arithmetic of TensorFlow Lite: a multiplier is multiplier * 2^(shift - 31). */

/* round(a * b / 2^31), halves upwards. b is never INT32_MIN. */
static inline FG_MAY_BE_UNUSED int32_t fg_doubling_high_mul(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* x / 2^exponent, halves away from zero, 0 <= exponent <= 31. */
static inline FG_MAY_BE_UNUSED int32_t fg_rounding_shift_right(int32_t x, int32_t exponent)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1u);
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}
