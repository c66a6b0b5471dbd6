#include "wide_sums_s16.h"

/* With an output of 16 bits, rounded half to even (ONNX). */
typedef struct {
    fg_wide_layer layer;
    int32_t zero_point, low, high;
} fg_conv2d_half_even_s16_t;

static void fg_conv2d_half_even_s16(const fg_conv2d_half_even_s16_t *p, const int16_t *in, int16_t *out)
{
    FG_FILTERS(&p->layer, in, int16_t, int8_t, {
        const float y = fg_wide_real(&p->layer, x, w, oc, rows, cols);
        const int32_t q = fg_round_even(fg_clamp_f32(y, -131072.0f, 131072.0f));
        *out++ = (int16_t)fg_clamp(q + p->zero_point, p->low, p->high);
    })
}
