#include "dot_s16.h"
#include "requantize_wide.h"
#include "window.h"

/* 2-D convolution of int16 values with int8 weights; layouts as for int8, depthwise as groups of
 * one channel, fully connected as one pixel. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant_wide scaling;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
} fg_conv2d_s16_t;

static int64_t fg_conv2d_sum_s16(const fg_conv2d_s16_t *p, const int16_t *in, const int8_t *weights,
                                 fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    int64_t acc = 0;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            const int16_t *x = in + (y * p->in_w + cols.start + kx * p->dilation_w) * p->in_c;
            acc += fg_dot_s16(x, weights + (ky * p->kernel_w + kx) * group_c, group_c);
        }
    }
    return acc;
}

static void fg_conv2d_s16(const fg_conv2d_s16_t *p, const int16_t *in, int16_t *out)
{
    const int32_t group_c = p->in_c / p->groups;
    const int32_t out_per_group = p->out_c / p->groups;
    const int32_t filter_size = p->kernel_h * p->kernel_w * group_c;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                for (int32_t oc = 0; oc < p->out_c; oc++) {
                    const int16_t *x = in + oc / out_per_group * group_c;
                    const int8_t *w = p->weights + oc * filter_size;
                    const int64_t acc = p->bias[oc] + fg_conv2d_sum_s16(p, x, w, rows, cols);
                    *out++ = fg_requantize_wide(&p->scaling, oc, acc);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
