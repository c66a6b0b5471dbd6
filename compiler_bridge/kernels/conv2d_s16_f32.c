#include "wide_sums_s16.h"

/* With a float32 output. */
typedef struct {
    fg_wide_layer layer;
} fg_conv2d_s16_f32_t;

static void fg_conv2d_s16_f32(const fg_conv2d_s16_f32_t *p, const int16_t *in, float *out)
{
    FG_FILTERS(&p->layer, in, int16_t, int8_t, {
        *out++ = fg_wide_real(&p->layer, x, w, oc, rows, cols);
    })
}
