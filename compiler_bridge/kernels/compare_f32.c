#include "loops4.h"

/* 11 equal, 12 not, 13 greater, 14 or equal, 15 less, 16 or equal. */
typedef struct {
    fg_loops4 loops;
    int32_t operation;
} fg_compare_f32_t;

static inline uint8_t fg_compare_one_f32(int32_t operation, float a, float b)
{
    switch (operation) {
    case 11: return a <= b && a >= b;
    case 12: return !(a <= b && a >= b);
    case 13: return a > b;
    case 14: return a >= b;
    case 15: return a < b;
    default: return a <= b;
    }
}

static void fg_compare_f32(const fg_compare_f32_t *p, const float *a, const float *b, uint8_t *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_compare_one_f32(p->operation, a[ia], b[ib]))
}
