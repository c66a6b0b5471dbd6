#include "integer_at.h"

/* Place of the largest (1), or the smallest (-1), of each n values that lie `inner` apart; the first
 * of equals, as integers of `out_bytes`. Values are integers of 1, 2 or 4 bytes, or float32 (5). */
typedef struct {
    int32_t sign, type, out_bytes;
    int32_t outer, n, inner;
} fg_arg_extreme_t;

static inline int32_t fg_is_beyond(const fg_arg_extreme_t *p, const void *in, int32_t i, int32_t best)
{
    const int32_t first = p->sign > 0 ? i : best;
    const int32_t second = p->sign > 0 ? best : i;
    if (p->type == 5) {
        return ((const float *)in)[first] > ((const float *)in)[second];
    }
    return fg_integer_at(in, p->type, first) > fg_integer_at(in, p->type, second);
}

static void fg_arg_extreme(const fg_arg_extreme_t *p, const void *in, void *out)
{
    uint8_t *to = out;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t c = 0; c < p->inner; c++) {
            const int32_t start = o * p->n * p->inner + c;
            int32_t best = 0;
            for (int32_t i = 1; i < p->n; i++) {
                if (fg_is_beyond(p, in, start + i * p->inner, start + best * p->inner)) {
                    best = i;
                }
            }
            const int64_t place = best;
            memcpy(to, p->out_bytes == 8 ? (const void *)&place : (const void *)&best,
                   (size_t)p->out_bytes);
            to += p->out_bytes;
        }
    }
}
