#include "clamp.h"

/* Turns the first places of each sequence around, as many as its length says, or all where it says
 * more; runs are in bytes. Of the two axes, `by_batch` is 1 where that of the batch comes first. */
typedef struct {
    int32_t outer, first, middle, second, run, by_batch;
} fg_reverse_sequence_t;

static void fg_reverse_sequence(const fg_reverse_sequence_t *p, const uint8_t *in, const int32_t *length,
                                uint8_t *out)
{
    const int32_t block = p->first * p->middle * p->second;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t at = 0; at < block; at++) {
            const int32_t a = at / (p->middle * p->second);
            const int32_t m = at / p->second % p->middle;
            const int32_t b = at % p->second;
            const int32_t n = fg_clamp(length[p->by_batch ? a : b], 0, p->by_batch ? p->second : p->first);
            const int32_t place = p->by_batch ? b : a;
            const int32_t from = place < n ? n - 1 - place : place;
            const int32_t row = p->by_batch ? a : from;
            const int32_t column = p->by_batch ? from : b;
            const int32_t source = (row * p->middle + m) * p->second + column;
            memcpy(out, in + source * p->run, (size_t)p->run);
            out += p->run;
        }
        in += block * p->run;
    }
}
