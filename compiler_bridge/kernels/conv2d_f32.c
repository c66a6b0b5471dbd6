#include "window.h"

/* 2-D convolution in float32; layouts as for int8, depthwise as groups of one channel. */
typedef struct {
    const float *weights;
    const float *bias;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t by_tap; /* 1 sums up the channels of each tap apart, which loses fewer digits */
    float low, high;
} fg_conv2d_f32_t;

static float fg_conv2d_point_f32(const fg_conv2d_f32_t *p, const float *in, const float *weights,
                                 fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    float acc = 0.0f;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            const float *x = in + (y * p->in_w + cols.start + kx * p->dilation_w) * p->in_c;
            const float *w = weights + (ky * p->kernel_w + kx) * group_c;
            float sum = p->by_tap ? 0.0f : acc;
            for (int32_t c = 0; c < group_c; c++) {
                sum += x[c] * w[c];
            }
            acc = p->by_tap ? acc + sum : sum;
        }
    }
    return acc;
}

static void fg_conv2d_f32(const fg_conv2d_f32_t *p, const float *in, float *out)
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
                    const float *group_in = in + oc / out_per_group * group_c;
                    const float *w = p->weights + oc * filter_size;
                    const float y = fg_conv2d_point_f32(p, group_in, w, rows, cols) + p->bias[oc];
                    *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
