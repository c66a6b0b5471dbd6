#include "dot_s16.h"
#include "requantize_wide.h"
#include "pixels.h"

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
    FG_EACH_TAP(p, p->in_c, group_c, acc += fg_dot_s16(in + x, weights + w, group_c);)
    return acc;
}

static void fg_conv2d_s16(const fg_conv2d_s16_t *p, const int16_t *in, int16_t *out)
{
    FG_FILTERS(p, in, int16_t, int8_t, {
        const int64_t acc = p->bias[oc] + fg_conv2d_sum_s16(p, x, w, rows, cols);
        *out++ = fg_requantize_wide(&p->scaling, oc, acc);
    })
}
