#include "requantize.h"
#include "pixels.h"

/* 2-D convolution of legacy 8-bit layers, whose weights have a zero point of their own; depthwise
 * as groups of one channel. Data and weights are held as int8. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t offset, weight_offset;
} fg_conv2d_u8_t;

static int32_t fg_conv2d_sum_u8(const fg_conv2d_u8_t *p, const int8_t *in, const int8_t *weights,
                                fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    int32_t acc = 0;
    FG_EACH_TAP(p, p->in_c, group_c, {
        for (int32_t c = 0; c < group_c; c++) {
            acc += (in[x + c] + p->offset) * (weights[w + c] + p->weight_offset);
        }
    })
    return acc;
}

static void fg_conv2d_u8(const fg_conv2d_u8_t *p, const int8_t *in, int8_t *out)
{
    FG_FILTERS(p, in, int8_t, int8_t, {
        const int32_t acc = p->bias[oc] + fg_conv2d_sum_u8(p, x, w, rows, cols);
        *out++ = fg_requantize(&p->requant, oc, acc);
    })
}
