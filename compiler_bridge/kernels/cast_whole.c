#include "whole_at.h"

/* Whole numbers of 4 or 8 bytes and truths (1), from one size to another. */
typedef struct {
    int32_t from, to, n;
} fg_cast_whole_t;

static void fg_cast_whole(const fg_cast_whole_t *p, const void *in, void *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        fg_set_whole(out, p->to, i, fg_whole_at(in, p->from, i));
    }
}
