#include "clamp.h"
#include "dot_s16.h"
#include "factor.h"
#include "pixels.h"
#include "round_float.h"

/* 2-D convolution of 16-bit integers with int8 weights; layouts as for int8, depthwise as groups of one
 * channel, fully connected as one pixel. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    const float *scale; /* for each output channel (step 1) or one (step 0) */
    int32_t step;
    int32_t offset; /* added to each input that lies inside */
    int32_t weight_offset; /* added to each weight */
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
} fg_wide_layer;

/* The sum for output channel oc of one pixel, times its scale. */
static float fg_wide_real(const fg_wide_layer *p, const int16_t *in, const int8_t *weights, int32_t oc,
                          fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    int64_t acc = p->bias[oc];
    FG_EACH_TAP(p, p->in_c, group_c, {
        acc += fg_dot_s16(in + x, weights + w, group_c);
        int32_t weighed = group_c * p->weight_offset;
        for (int32_t c = 0; p->offset != 0 && c < group_c; c++) {
            weighed += weights[w + c];
        }
        int64_t seen = 0;
        for (int32_t c = 0; p->weight_offset != 0 && c < group_c; c++) {
            seen += in[x + c];
        }
        acc += p->offset * (int64_t)weighed + p->weight_offset * seen;
    })
    return (float)acc * fg_factor(p->scale[oc * p->step]);
}
