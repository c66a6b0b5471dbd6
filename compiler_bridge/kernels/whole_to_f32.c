#include "whole_at.h"

/* Whole numbers of 4 or 8 bytes, or truths (1), as the nearest float32. */
typedef struct {
    int32_t from, n;
} fg_whole_to_f32_t;

static void fg_whole_to_f32(const fg_whole_to_f32_t *p, const void *in, float *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (float)fg_whole_at(in, p->from, i);
    }
}
