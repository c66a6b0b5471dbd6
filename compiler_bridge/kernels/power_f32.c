#include "exp_f32.h"
#include "loops4.h"

/* x to the power y: the logarithm in fixed point, since the exponent multiplies whatever it lacks: of
 * y about 10^-9. A negative x has powers for whole y only; else what is no number comes out. */
typedef struct {
    fg_loops4 loops;
} fg_power_f32_t;

/* x = m * 2^e with 2^23 <= m < 2^24, for x > 0. */
static inline uint32_t fg_parts_of(float x, int32_t *e)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t m = bits & 0x7fffffu;
    *e = (int32_t)(bits >> 23) - 150;
    if (bits >> 23 != 0u) {
        return m | 0x800000u;
    }
    *e = -149;
    while (m < 0x800000u) {
        m <<= 1;
        (*e)--;
    }
    return m;
}

/* log2(x) * 2^30 for x > 0, bit by bit: squaring a number doubles its logarithm. */
static int64_t fg_log2_of(float x)
{
    int32_t e;
    uint32_t m = fg_parts_of(x, &e) << 8;
    uint32_t fraction = 0;
    for (int32_t i = 0; i < 30; i++) {
        const uint64_t square = (uint64_t)m * m;
        const uint32_t is_two = (uint32_t)(square >> 63);
        m = (uint32_t)(square >> (31u + is_two));
        fraction = fraction << 1 | is_two;
    }
    return (int64_t)(e + 23) * 1073741824 + (int64_t)fraction;
}

/* 2^(p / 2^30). */
static float fg_exp2_of(int64_t p)
{
    const int64_t bound = p > 140000000000 ? 140000000000 : (p < -170000000000 ? -170000000000 : p);
    const int32_t n = (int32_t)((bound + 339302416384) / 1073741824) - 316;
    const float rest = (float)(bound - (int64_t)n * 1073741824);
    float y = fg_exp_f32(rest * 6.45543617e-10f); /* ln(2) / 2^30 */
    for (int32_t left = n; left != 0;) { /* in steps that are numbers themselves */
        const int32_t step = left > 100 ? 100 : (left < -100 ? -100 : left);
        const uint32_t bits = (uint32_t)(step + 127) << 23;
        float power;
        memcpy(&power, &bits, sizeof power);
        y *= power;
        left -= step;
    }
    return y;
}

/* x^y for x > 0. */
static float fg_positive_power(float x, float y)
{
    int32_t e;
    const uint32_t m = fg_parts_of(y < 0.0f ? -y : y, &e);
    const int64_t logarithm = fg_log2_of(x);
    int64_t product = logarithm * (int64_t)m;
    if (e <= 0) {
        product /= (int64_t)1 << (e < -62 ? 62 : -e);
    } else if (product != 0) { /* beyond 2^24, which only 1 outlives */
        product = product > 0 ? (int64_t)1 << 40 : -((int64_t)1 << 40);
    }
    return fg_exp2_of(y < 0.0f ? -product : product);
}

static inline int32_t fg_is_zero(float x)
{
    return x >= 0.0f && x <= 0.0f;
}

static float fg_power_of_f32(float x, float y)
{
    const float size = y < 0.0f ? -y : y;
    /* from 2^24 on, all are whole and even */
    const int32_t is_whole = size >= 16777216.0f || fg_is_zero(size - (float)(int32_t)size);
    const int32_t is_odd = size < 16777216.0f && is_whole && ((int32_t)size & 1) != 0;
    const uint32_t endless = 0x7f800000u;
    float ends;
    memcpy(&ends, &endless, sizeof ends);
    if (fg_is_zero(y)) {
        return 1.0f;
    }
    if (!(x <= y || x > y)) {
        return x + y;
    }
    if (fg_is_zero(x)) {
        return y > 0.0f ? 0.0f : ends;
    }
    if (x < 0.0f && !is_whole) {
        return (ends - ends) * y;
    }
    const float base = x < 0.0f ? -x : x;
    const float result = base >= ends ? (y > 0.0f ? ends : 0.0f)
                                      : fg_positive_power(base, y);
    return x < 0.0f && is_odd ? -result : result;
}

static void fg_power_f32(const fg_power_f32_t *p, const float *a, const float *b, float *out)
{
    int32_t i = 0;
    FG_LOOPS4(&p->loops, { out[i++] = fg_power_of_f32(a[ia], b[ib]); })
}
