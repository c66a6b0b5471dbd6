#include "dot_s16.h"
#include "requantize_wide.h"
#include "transposed.h"

/* Transposed 2-D convolution of int16 values with int8 weights. Weights: out_c x kernel_h x kernel_w x in_c. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant_wide scaling;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
} fg_transpose_conv_s16_t;

/* The sum for one output channel of one pixel. */
static int64_t fg_transposed_sum_s16(const fg_transpose_conv_s16_t *p, const int16_t *in, const int8_t *weights,
                                 int32_t oy, int32_t ox)
{
    int64_t acc = 0;
    FG_EACH_SOURCE(p, oy, ox, acc += fg_dot_s16(in + x, weights + w, p->in_c);)
    return acc;
}

static void fg_transpose_conv_s16(const fg_transpose_conv_s16_t *p, const int16_t *in, int16_t *out)
{
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    FG_EACH_TRANSPOSED(p, in, {
        const int8_t *w = p->weights + oc * filter_size;
        const int64_t acc = fg_transposed_sum_s16(p, in, w, oy, ox);
        *out++ = fg_requantize_wide(&p->scaling, oc, acc + p->bias[oc]);
    })
}
