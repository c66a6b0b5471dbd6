#include "whole_at.h"

/* The largest (0), the smallest (1), the sum (2) or the product (3) of each row of n whole numbers of 4
 * or 8 bytes; what does not fit wraps around. */
typedef struct {
    int32_t operation, bytes, rows, n;
} fg_reduce_whole_t;

static inline int64_t fg_reduced_whole(int32_t operation, int64_t y, int64_t x)
{
    switch (operation) {
    case 0: return x > y ? x : y;
    case 1: return x < y ? x : y;
    case 2: return (int64_t)((uint64_t)y + (uint64_t)x);
    default: return (int64_t)((uint64_t)y * (uint64_t)x);
    }
}

static void fg_reduce_whole(const fg_reduce_whole_t *p, const void *in, void *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int64_t y = fg_whole_at(in, p->bytes, row * p->n);
        for (int32_t i = 1; i < p->n; i++) {
            y = fg_reduced_whole(p->operation, y, fg_whole_at(in, p->bytes, row * p->n + i));
        }
        fg_set_whole(out, p->bytes, row, y);
    }
}
