#include "dynamic_sums_s8.h"

/* The sums of a layer with the zero point of its data in memory. */
typedef struct {
    fg_dynamic_layer layer;
} fg_conv2d_dynamic_s32_t;

static void fg_conv2d_dynamic_s32(const fg_conv2d_dynamic_s32_t *p, const int8_t *in,
                                  const int8_t *zero_point, int32_t *out)
{
    FG_FILTERS(&p->layer, in, int8_t, int8_t, {
        *out++ = fg_dynamic_sum(&p->layer, x, w, oc, *zero_point, rows, cols);
    })
}
