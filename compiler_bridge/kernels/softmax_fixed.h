#include "fixed_point.h"
#include "one_over.h"

/* The reciprocal of a row's sum of exponentials: scale * 2^(headroom - 31). */
typedef struct {
    int32_t scale;
    int32_t headroom;
} fg_softmax_share;

/* exp[d] is e^(-d * beta * scale) in Q0.31 for a value d below the maximum; beyond `last` it counts
 * as nothing. */
static fg_softmax_share fg_softmax_fixed_share(const int32_t *exp, int32_t last, const int8_t *in,
                                               int32_t columns, int32_t max)
{
    int32_t sum = 0; /* Q12.19 */
    for (int32_t i = 0; i < columns; i++) {
        if (max - in[i] <= last) {
            sum += fg_rounding_shift_right(exp[max - in[i]], 12);
        }
    }
    fg_softmax_share share = {0, 0};
    while (((uint32_t)sum << share.headroom & 0x80000000u) == 0u) {
        share.headroom++;
    }
    share.scale = fg_one_over_one_plus((int32_t)(((uint32_t)sum << share.headroom) - 0x80000000u));
    return share;
}
