#include "scale_float.h"

/* A layer's output channel. */
typedef struct {
    int32_t bias;
    float scale;
} fg_channel;

/* What a layer's outputs have in common. */
typedef struct {
    int32_t zero_point, low, high;
} fg_range;

/* Output of a channel from the sum of its products. */
static inline int8_t fg_output(const fg_channel *c, const fg_range *r, int32_t acc)
{
    const int32_t y = fg_scale_round(acc + c->bias, c->scale) + r->zero_point;
    return (int8_t)fg_clamp(y, r->low, r->high);
}
