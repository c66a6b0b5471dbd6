#include "whole_at.h"

/* Whole numbers of 8 bytes, each the value that its key has, or another where no key is equal. */
typedef struct {
    const int32_t *keys, *values;
    int32_t otherwise;
    int32_t n_keys, n;
} fg_relabel_t;

static void fg_relabel(const fg_relabel_t *p, const void *in, void *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const int64_t x = fg_whole_at(in, 8, i);
        int32_t y = p->otherwise;
        for (int32_t k = 0; k < p->n_keys; k++) {
            if (x == p->keys[k]) {
                y = p->values[k];
                break;
            }
        }
        fg_set_whole(out, 8, i, y);
    }
}
