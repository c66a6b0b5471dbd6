#include "wide_f32.h"

/* What the int8 values of a row stand for: scale * (integer - zero_point). */
typedef struct {
    float scale;
    int32_t zero_point;
} fg_range_s8;

/* Halves away from zero, no further than low and high, which have one sign each. */
static inline int32_t fg_round_within(float y, float low, float high)
{
    if (!(y > low)) { /* NaN too */
        return (int32_t)low;
    }
    if (y > high) {
        return (int32_t)high;
    }
    const int32_t whole = (int32_t)y;
    const float rest = y - (float)whole;
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

/* A row's integers by its largest size; 0 stays 0. */
static FG_MAY_BE_UNUSED fg_range_s8 fg_symmetric_s8(const float *in, int32_t n, int8_t *out)
{
    float size = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        const float one = in[i] < 0.0f ? -in[i] : in[i];
        size = one > size ? one : size;
    }
    const fg_range_s8 range = {size > 0.0f ? size / 127.0f : 1.0f, 0};
    const float inverse = size > 0.0f ? 127.0f / size : 0.0f;
    for (int32_t i = 0; i < n; i++) {
        out[i] = (int8_t)fg_round_within(in[i] * inverse, -127.0f, 127.0f);
    }
    return range;
}

/* Which integer stands for 0 in a row from -low to high: the smaller of the two parts of the row,
 * which is computed more exactly, decides. */
static inline int32_t fg_zero_point_s8(fg_wide below, fg_wide above, fg_wide scale)
{
    const int64_t one = (int64_t)1 << 46;
    const int64_t down = fg_wide_q46(fg_wide_divide(below, scale));
    const int64_t up = fg_wide_q46(fg_wide_divide(above, scale));
    const int64_t y = down + one < up ? down - 128 * one : 127 * one - up;
    const int64_t size = ((y < 0 ? -y : y) + one / 2) >> 46;
    const int32_t rounded = (int32_t)(y < 0 ? -size : size);
    return rounded < -128 ? -128 : (rounded > 127 ? 127 : rounded);
}

/* A row's integers by its least and its largest value. */
static FG_MAY_BE_UNUSED fg_range_s8 fg_asymmetric_s8(const float *in, int32_t n, int8_t *out)
{
    float low = 0.0f;
    float high = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        low = in[i] < low ? in[i] : low;
        high = in[i] > high ? in[i] : high;
    }
    fg_range_s8 range = {1.0f, 0};
    float inverse = 0.0f;
    if (low < high) {
        range.scale = (high - low) / 255.0f;
        range.zero_point =
            fg_zero_point_s8(fg_wide_of(-low), fg_wide_of(high), fg_wide_of(range.scale));
        inverse = 1.0f / range.scale;
    }
    for (int32_t i = 0; i < n; i++) { /* rounded before the zero point is added */
        const int32_t q = fg_round_within(in[i] * inverse, -256.0f, 256.0f) + range.zero_point;
        out[i] = (int8_t)(q < -128 ? -128 : (q > 127 ? 127 : q));
    }
    return range;
}
