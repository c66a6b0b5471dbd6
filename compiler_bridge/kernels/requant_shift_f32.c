/* Whole numbers, held as float32, to others: (x * multiplier + summand) / 2^shift, rounded to the
 * nearest, halves upwards, and clipped; multiplier and summand are those of the channel. */
typedef struct {
    const int32_t *multiplier, *summand;
    int32_t outer, channels, inner, shift, low, high;
} fg_requant_shift_f32_t;

static inline int32_t fg_whole_f32(float x)
{
    if (!(x > -2147483648.0f && x < 2147483648.0f)) {
        return x > 0.0f ? INT32_MAX : (x < 0.0f ? INT32_MIN : 0);
    }
    const int32_t whole = (int32_t)x;
    const float rest = x - (float)whole;
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

static void fg_requant_shift_f32(const fg_requant_shift_f32_t *p, const float *in, float *out)
{
    const int64_t half = p->shift > 0 ? (int64_t)1 << (p->shift - 1) : 0;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->channels; c++) {
            for (int32_t i = 0; i < p->inner; i++) {
                const int64_t x = (int64_t)fg_whole_f32(*in++) * p->multiplier[c];
                const int64_t y = (x + p->summand[c] + half) >> p->shift;
                *out++ = (float)(y < p->low ? p->low : (y > p->high ? p->high : (int32_t)y));
            }
        }
    }
}
