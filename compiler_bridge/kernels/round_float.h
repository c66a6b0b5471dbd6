/* Rounds to the nearest integer, halves to even; |x| < 2^22. Adding 1.5 * 2^23 leaves the integer
 * in the low bits of the sum, rounded as IEEE 754 rounds every sum. */
static inline FG_MAY_BE_UNUSED int32_t fg_round_even(float x)
{
    const float sum = x + 12582912.0f;
    int32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return bits - 0x4B400000;
}

static inline FG_MAY_BE_UNUSED float fg_clamp_f32(float x, float low, float high)
{
    return x < low ? low : (x > high ? high : x);
}
