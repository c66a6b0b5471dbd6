#include "dot_s8.h"
#include "factor.h"
#include "pixels.h"

/* 2-D convolution with int8 data and weights and a float32 output; layouts as for int8, depthwise
 * as groups of one channel. The zero point is in the bias where no tap lies in the padding. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    const float *scale; /* for each output channel (step 1) or one (step 0) */
    int32_t step;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t offset;
} fg_conv2d_s8_f32_t;

/* The sum for one output channel of one pixel. */
static int32_t fg_conv2d_sum_s8(const fg_conv2d_s8_f32_t *p, const int8_t *in, const int8_t *weights,
                                fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    int32_t acc = 0;
    FG_EACH_TAP(p, p->in_c, group_c, {
        acc += fg_dot_s8(in + x, weights + w, group_c);
        for (int32_t c = 0; p->offset != 0 && c < group_c; c++) {
            acc += p->offset * weights[w + c];
        }
    })
    return acc;
}

static void fg_conv2d_s8_f32(const fg_conv2d_s8_f32_t *p, const int8_t *in, float *out)
{
    FG_FILTERS(p, in, int8_t, int8_t, {
        const int32_t acc = p->bias[oc] + fg_conv2d_sum_s8(p, x, w, rows, cols);
        *out++ = (float)acc * fg_factor(p->scale[oc * p->step]);
    })
}
