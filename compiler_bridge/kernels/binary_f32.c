#include "loops4.h"

/* 0 add, 1 subtract, 2 multiply, 3 divide, 4 the larger, 5 the smaller, 6 a where it is positive,
 * else a * b; then clipped to low..high. */
typedef struct {
    fg_loops4 loops;
    int32_t operation;
    float low, high;
} fg_binary_f32_t;

static inline float fg_binary_one_f32(const fg_binary_f32_t *p, float a, float b)
{
    const float y = p->operation == 0   ? a + b
                    : p->operation == 1 ? a - b
                    : p->operation == 2 ? a * b
                    : p->operation == 3 ? a / b
                    : p->operation == 4 ? (a > b ? a : b)
                    : p->operation == 5 ? (a < b ? a : b)
                                        : (a < 0.0f ? a * b : a);
    return y < p->low ? p->low : (y > p->high ? p->high : y);
}

static void fg_binary_f32(const fg_binary_f32_t *p, const float *a, const float *b, float *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_binary_one_f32(p, a[ia], b[ib]))
}
