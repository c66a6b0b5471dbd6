#include "dot_s8.h"
#include "range_s8.h"
#include "window.h"

/* 2-D convolution of float32 values with int8 weights, fully connected as one pixel: the values
 * come as int8 with the range of each batch, and the sums become float32. A filter's `sums` are
 * those of its weights, a tap each, where zero points differ from 0. */
typedef struct {
    const int8_t *weights;
    const int32_t *sums;
    const float *scales; /* of the weights, `step` apart from one filter to the next */
    const float *bias;
    int32_t sum_step, step;
    int32_t by_filter; /* whether a filter's scale is applied before the batch's: other roundings */
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    float low, high;
} fg_conv2d_hybrid_f32_t;

static int32_t fg_conv2d_hybrid_sum(const fg_conv2d_hybrid_f32_t *p, const int8_t *in, int32_t zero,
                                    int32_t oc, fg_span rows, fg_span cols)
{
    const int32_t taps = p->kernel_h * p->kernel_w;
    const int8_t *weights = p->weights + oc * taps * p->in_c;
    const int32_t *sums = p->sums + oc * taps * p->sum_step;
    int32_t acc = 0;
    FG_EACH_TAP(p, p->in_c, 1, {
        acc += fg_dot_s8(in + x, weights + w * p->in_c, p->in_c) - zero * sums[w * p->sum_step];
    })
    return acc;
}

static void fg_conv2d_hybrid_f32(const fg_conv2d_hybrid_f32_t *p, const int8_t *in,
                                 const fg_range_s8 *ranges, float *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        FG_EACH_PIXEL(p, p->dilation_h, p->dilation_w, {
            for (int32_t oc = 0; oc < p->out_c; oc++) {
                const int32_t sum =
                    fg_conv2d_hybrid_sum(p, in, ranges[b].zero_point, oc, rows, cols);
                const float in_scale = ranges[b].scale;
                const float scale = p->scales[oc * p->step];
                const float real = p->by_filter ? (float)sum * scale * in_scale
                                                : (float)sum * (in_scale * scale);
                const float y = real + p->bias[oc];
                *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
            }
        })
        in += p->in_h * p->in_w * p->in_c;
    }
}
