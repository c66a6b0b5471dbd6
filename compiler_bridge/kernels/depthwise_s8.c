#include "requantize.h"
#include "window.h"

/* Depthwise 2-D convolution: output channel c reads input channel c / multiplier. Weights are
 * kernel_h x kernel_w x out_c. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, multiplier;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t offset;
} fg_depthwise_s8_t;

static int32_t fg_depthwise_point_s8(const fg_depthwise_s8_t *p, const int8_t *in,
                                     const int8_t *weights, fg_span rows, fg_span cols)
{
    const int32_t in_step = p->dilation_w * p->in_c;
    const int32_t first = cols.start + cols.first * p->dilation_w;
    int32_t acc = 0;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        const int8_t *x = in + (y * p->in_w + first) * p->in_c;
        const int8_t *w = weights + (ky * p->kernel_w + cols.first) * p->out_c;
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            acc += (*x + p->offset) * *w;
            x += in_step;
            w += p->out_c;
        }
    }
    return acc;
}

static void fg_depthwise_s8(const fg_depthwise_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                for (int32_t oc = 0; oc < p->out_c; oc++) {
                    const int32_t acc = fg_depthwise_point_s8(p, in + oc / p->multiplier,
                                                              p->weights + oc, rows, cols);
                    *out++ = fg_requantize(&p->requant, oc, acc + p->bias[oc]);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
