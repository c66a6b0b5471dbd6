#include "narrow.h"

/* A layer's output channel, its bias doubled. */
typedef struct {
    int32_t twice_bias, multiplier, shift;
} fg_channel;

/* What a layer's outputs have in common: twice their zero point, and one. */
typedef struct {
    int32_t center;
} fg_range;

/* Output of a channel from the sum of its products. */
static inline int8_t fg_output(const fg_channel *c, const fg_range *r, int32_t acc)
{
    return fg_narrow_requantize(acc * 2 + c->twice_bias, c->multiplier, c->shift, r->center);
}
