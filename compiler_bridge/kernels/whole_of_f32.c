#include "whole_at.h"

/* float32 cut to whole numbers of 4 or 8 bytes, the nearest ones where they are too large and 0 where
 * there is none; as truths (1) whether they are not 0. */
typedef struct {
    int32_t to, n;
} fg_whole_of_f32_t;

static inline int64_t fg_cut(float x, int32_t bytes)
{
    if (bytes == 1) {
        return !(x >= 0.0f && x <= 0.0f);
    }
    const float end = bytes == 4 ? 2147483648.0f : 9223372036854775808.0f;
    if (x >= end) {
        return bytes == 4 ? INT32_MAX : INT64_MAX;
    }
    return x >= -end ? (int64_t)x : (x < 0.0f ? (bytes == 4 ? INT32_MIN : INT64_MIN) : 0);
}

static void fg_whole_of_f32(const fg_whole_of_f32_t *p, const float *in, void *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        fg_set_whole(out, p->to, i, fg_cut(in[i], p->to));
    }
}
