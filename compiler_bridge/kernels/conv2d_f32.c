#include "pixels.h"

/* 2-D convolution in float32; layouts as for int8, depthwise as groups of one channel. */
typedef struct {
    const float *weights;
    const float *bias;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t by_tap; /* 1 sums up the channels of each tap apart, which loses fewer digits */
    float low, high;
} fg_conv2d_f32_t;

/* acc and the products of x and w, added in their order. */
static inline float fg_dot_f32(float acc, const float *x, const float *w, int32_t n)
{
    FG_KEEP_ROLLED
    for (; n >= 4; n -= 4) {
        acc = acc + x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
        x += 4;
        w += 4;
    }
    FG_KEEP_ROLLED
    for (; n > 0; n--) {
        acc += *x++ * *w++;
    }
    return acc;
}

/* One output; the taps of a kernel row are one run of inputs where nothing lies between them. */
static float fg_conv2d_point_f32(const fg_conv2d_f32_t *p, const float *in, const float *weights,
                                 int32_t group_c, fg_span rows, fg_span cols)
{
    const bool joined = p->by_tap == 0 && p->dilation_w == 1 && p->groups == 1;
    const int32_t inside = cols.last - cols.first;
    const int32_t runs = joined ? 1 : inside;
    const int32_t run = joined ? inside * group_c : group_c;
    const int32_t step = p->dilation_w * p->in_c;
    const float *line = in + ((rows.start + rows.first * p->dilation_h) * p->in_w + cols.start) * p->in_c +
                        cols.first * step;
    weights += (rows.first * p->kernel_w + cols.first) * group_c;
    float acc = 0.0f;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const float *x = line;
        const float *w = weights;
        for (int32_t i = 0; i < runs; i++) {
            acc = p->by_tap != 0 ? acc + fg_dot_f32(0.0f, x, w, run) : fg_dot_f32(acc, x, w, run);
            x += step;
            w += run;
        }
        line += p->dilation_h * p->in_w * p->in_c;
        weights += p->kernel_w * group_c;
    }
    return acc;
}

static void fg_conv2d_f32(const fg_conv2d_f32_t *p, const float *in, float *out)
{
    FG_FILTERS(p, in, float, float, {
        const float y = fg_conv2d_point_f32(p, x, w, group_c, rows, cols) + p->bias[oc];
        *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
    })
}
