#include "loops4.h"

/* 0 the squared difference, 1 the quotient rounded downwards, 2 what that leaves, with the sign of b. */
typedef struct {
    fg_loops4 loops;
    int32_t operation;
} fg_pairs_f32_t;

/* What is left of a >= 0 after dividing by b > 0, exactly: the largest b * 2^k is taken off. */
static float fg_remainder_f32(float a, float b)
{
    while (a >= b) {
        float part = b;
        while (part <= 0.5f * a) {
            part += part;
        }
        a -= part;
    }
    return a;
}

static float fg_modulo_f32(float a, float b)
{
    const float largest = 3.402823466e+38f;
    if (!(b < 0.0f || b > 0.0f) || !(a >= -largest && a <= largest)) {
        return (a - a) / (a - a); /* NaN */
    }
    const float left = fg_remainder_f32(a < 0.0f ? -a : a, b < 0.0f ? -b : b);
    const float y = a < 0.0f ? -left : left;
    return left > 0.0f && (a < 0.0f) != (b < 0.0f) ? y + b : y;
}

static float fg_floor_quotient_f32(float a, float b)
{
    const float q = a / b;
    if (!(q > -8388608.0f && q < 8388608.0f)) {
        return q;
    }
    const float whole = (float)(int32_t)q;
    return whole > q ? whole - 1.0f : whole;
}

static inline float fg_pairs_one_f32(int32_t operation, float a, float b)
{
    return operation == 0   ? (a - b) * (a - b)
           : operation == 1 ? fg_floor_quotient_f32(a, b)
                            : fg_modulo_f32(a, b);
}

static void fg_pairs_f32(const fg_pairs_f32_t *p, const float *a, const float *b, float *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_pairs_one_f32(p->operation, a[ia], b[ib]))
}
