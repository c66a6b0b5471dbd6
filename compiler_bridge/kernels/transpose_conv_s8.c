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
    const fg_sources rows = fg_transposed(oy, p->stride_h, p->pad_h, p->kernel_h, p->in_h);
    const fg_sources cols = fg_transposed(ox, p->stride_w, p->pad_w, p->kernel_w, p->in_w);
    int32_t acc = 0;
    for (int32_t y = rows.first; y < rows.last; y++) {
        const int32_t ky = oy + p->pad_h - y * p->stride_h;
        for (int32_t i = cols.first; i < cols.last; i++) {
            const int32_t kx = ox + p->pad_w - i * p->stride_w;
            const int8_t *x = in + (y * p->in_w + i) * p->in_c;
            const int8_t *w = weights + (ky * p->kernel_w + kx) * p->in_c;
            acc += fg_dot_s8(x, w, p->in_c);
            for (int32_t c = 0; p->offset != 0 && c < p->in_c; c++) {
                acc += p->offset * w[c];
            }
        }
    }
    return acc;
}

static void fg_transpose_conv_s8(const fg_transpose_conv_s8_t *p, const int8_t *in, int8_t *out)
{
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                for (int32_t oc = 0; oc < p->out_c; oc++) {
                    const int8_t *w = p->weights + oc * filter_size;
                    const int32_t acc = fg_transposed_sum_s8(p, in, w, oy, ox);
                    *out++ = fg_requantize(&p->requant, oc, acc + p->bias[oc]);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
