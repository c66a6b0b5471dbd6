#include "loops4.h"
#include "whole_at.h"

/* Whole numbers of 4 or 8 bytes, or truths (1): 0 add, 1 subtract, 2 multiply, 3 divide towards zero,
 * 4 the larger, 5 the smaller, 7 what division downwards leaves, 8 what that towards zero leaves; as
 * truths 11 equal, 13 greater, 14 or equal, 15 less, 16 or equal. What does not fit wraps around. */
typedef struct {
    fg_loops4 loops;
    int32_t operation;
    int32_t in_bytes, out_bytes;
} fg_binary_whole_t;

/* By zero nothing is defined, and 0 comes out. */
static inline int64_t fg_whole_quotient(int64_t a, int64_t b)
{
    if (b == 0 || b == -1) {
        return b == 0 ? 0 : (int64_t)(0u - (uint64_t)a);
    }
    return a / b;
}

static inline int64_t fg_whole_rest(int64_t a, int64_t b, int32_t downwards)
{
    const int64_t rest = (int64_t)((uint64_t)a - (uint64_t)b * (uint64_t)fg_whole_quotient(a, b));
    return downwards && rest != 0 && b != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static inline int64_t fg_binary_of_whole(int32_t operation, int64_t a, int64_t b)
{
    switch (operation) {
    case 0: return (int64_t)((uint64_t)a + (uint64_t)b);
    case 1: return (int64_t)((uint64_t)a - (uint64_t)b);
    case 2: return (int64_t)((uint64_t)a * (uint64_t)b);
    case 3: return fg_whole_quotient(a, b);
    case 4: return a > b ? a : b;
    case 5: return a < b ? a : b;
    case 7: return fg_whole_rest(a, b, 1);
    case 8: return fg_whole_rest(a, b, 0);
    case 11: return a == b;
    case 13: return a > b;
    case 14: return a >= b;
    case 15: return a < b;
    default: return a <= b;
    }
}

static void fg_binary_whole(const fg_binary_whole_t *p, const void *a, const void *b, void *out)
{
    int32_t i = 0;
    FG_LOOPS4(&p->loops, {
        const int64_t x = fg_whole_at(a, p->in_bytes, ia);
        const int64_t y = fg_whole_at(b, p->in_bytes, ib);
        fg_set_whole(out, p->out_bytes, i++, fg_binary_of_whole(p->operation, x, y));
    })
}
