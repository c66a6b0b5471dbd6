#include "dynamic_sums_s8.h"

/* The same as reals: the sums times a scale in memory, and a bias. */
typedef struct {
    fg_dynamic_layer layer;
    const float *bias;
    int32_t scale_step; /* 1 where each output channel has a scale of its own, else 0 */
    float low, high;
} fg_conv2d_dynamic_s8_f32_t;

static void fg_conv2d_dynamic_s8_f32(const fg_conv2d_dynamic_s8_f32_t *p, const int8_t *in,
                                     const int8_t *zero_point, const float *scale, float *out)
{
    FG_FILTERS(&p->layer, in, int8_t, int8_t, {
        const int32_t acc = fg_dynamic_sum(&p->layer, x, w, oc, *zero_point, rows, cols);
        const float y = (float)acc * scale[oc * p->scale_step] + p->bias[oc];
        *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
    })
}
