#include "dot_s8.h"
#include "pixels.h"

/* 2-D convolution of int8 data whose zero point is known only when running; fully connected as one
 * pixel, depthwise as groups of one channel. */
typedef struct {
    const int8_t *weights;
    const int32_t *totals; /* of the weights of each filter */
    const int8_t *weight_zero_points; /* of each filter; NULL where the weights are centred */
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
} fg_dynamic_layer;

/* Weights less zero points that leave 8 bits. */
static inline FG_MAY_BE_UNUSED int32_t fg_dynamic_wide_sum(const fg_dynamic_layer *p, const int8_t *in,
                                                           const int8_t *weights, int32_t in_zero,
                                                           int32_t weight_zero, fg_span rows,
                                                           fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    int32_t acc = 0;
    FG_EACH_TAP(p, p->in_c, group_c, {
        for (int32_t c = 0; c < group_c; c++) {
            acc += (in[x + c] - in_zero) * (weights[w + c] - weight_zero);
        }
    })
    return acc;
}

/* The sum for output channel oc of one pixel. */
static int32_t fg_dynamic_sum(const fg_dynamic_layer *p, const int8_t *in, const int8_t *weights,
                              int32_t oc, int32_t in_zero, fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    const int32_t n_taps = (rows.last - rows.first) * (cols.last - cols.first);
    const int32_t is_whole = n_taps == p->kernel_h * p->kernel_w;
    int32_t total = is_whole ? p->totals[oc] : 0;
    int32_t acc = 0;
    if (p->weight_zero_points != NULL) {
        const int32_t zero = p->weight_zero_points[oc];
        return fg_dynamic_wide_sum(p, in, weights, in_zero, zero, rows, cols);
    }
    FG_EACH_TAP(p, p->in_c, group_c, {
        acc += fg_dot_s8(in + x, weights + w, group_c);
        for (int32_t c = 0; !is_whole && c < group_c; c++) {
            total += weights[w + c];
        }
    })
    return acc - in_zero * total;
}
