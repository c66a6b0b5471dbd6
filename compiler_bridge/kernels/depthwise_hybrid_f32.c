#include "range_s8.h"
#include "window.h"

/* Depthwise convolution of float32 values, which come as int8 with the range of each batch, with
 * int8 weights. */
typedef struct {
    const int8_t *weights; /* kernel_h x kernel_w x out_c */
    const float *scales;   /* of the weights, `step` apart from one filter to the next */
    const float *bias;
    int32_t step;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, multiplier;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    float low, high;
} fg_depthwise_hybrid_f32_t;

static int32_t fg_depthwise_hybrid_sum(const fg_depthwise_hybrid_f32_t *p, const int8_t *in,
                                       int32_t zero, const int8_t *weights, fg_span rows,
                                       fg_span cols)
{
    int32_t acc = 0;
    FG_EACH_TAP(p, p->in_c, p->out_c, acc += (in[x] - zero) * weights[w];)
    return acc;
}

static void fg_depthwise_hybrid_f32(const fg_depthwise_hybrid_f32_t *p, const int8_t *in,
                                    const fg_range_s8 *ranges, float *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        FG_EACH_PIXEL(p, p->dilation_h, p->dilation_w, {
            for (int32_t oc = 0; oc < p->out_c; oc++) {
                const int32_t sum =
                    fg_depthwise_hybrid_sum(p, in + oc / p->multiplier, ranges[b].zero_point,
                                            p->weights + oc, rows, cols);
                const float scale = ranges[b].scale * p->scales[oc * p->step];
                const float y = (float)sum * scale + p->bias[oc];
                *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
            }
        })
        in += p->in_h * p->in_w * p->in_c;
    }
}
