#include "dot_s8.h"
#include "requantize.h"
#include "transposed.h"

/* Transposed 2-D convolution of int8 values. Weights: out_c x kernel_h x kernel_w x in_c. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    int32_t offset;
} fg_transpose_conv_s8_t;

/* The sum for one output channel of one pixel. */
static int32_t fg_transposed_sum_s8(const fg_transpose_conv_s8_t *p, const int8_t *in, const int8_t *weights,
                                 int32_t oy, int32_t ox)
{
    int32_t acc = 0;
    FG_EACH_SOURCE(p, oy, ox, {
        acc += fg_dot_s8(in + x, weights + w, p->in_c);
        for (int32_t c = 0; p->offset != 0 && c < p->in_c; c++) {
            acc += p->offset * weights[w + c];
        }
    })
    return acc;
}

static void fg_transpose_conv_s8(const fg_transpose_conv_s8_t *p, const int8_t *in, int8_t *out)
{
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    FG_EACH_TRANSPOSED(p, in, {
        const int8_t *w = p->weights + oc * filter_size;
        const int32_t acc = fg_transposed_sum_s8(p, in, w, oy, ox);
        *out++ = fg_requantize(&p->requant, oc, acc + p->bias[oc]);
    })
}
