#include "requantize.h"
#include "dot4_s8.h"
#include "window.h"

/* 2-D convolution. Activations are height x width x channels; weights are
 * out_c x kernel_h x kernel_w x (in_c / groups). With offset 0 the input's zero point is already
 * in the bias. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t offset;
} fg_conv2d_s8_t;

/* Four output channels of one pixel: the taps of each kernel row that lie inside the input, in
 * one run where they are contiguous. Weights of the four lie `row` apart. */
static void fg_conv2d_point_s8(const fg_conv2d_s8_t *p, const int8_t *in, const int8_t *weights,
                               int32_t row, fg_span rows, fg_span cols, int32_t acc[4])
{
    const int32_t group_c = p->in_c / p->groups;
    const bool contiguous = p->dilation_w == 1 && p->groups == 1;
    const int32_t inside = cols.last - cols.first;
    const int32_t run = contiguous ? inside * group_c : group_c;
    const int32_t runs = contiguous ? 1 : inside;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        const int32_t column = cols.start + cols.first * p->dilation_w;
        const int8_t *x = in + (y * p->in_w + column) * p->in_c;
        const int8_t *w = weights + (ky * p->kernel_w + cols.first) * group_c;
        for (int32_t i = 0; i < runs; i++) {
            fg_dot4_s8(x, w, row, run, p->offset, acc);
            x += p->dilation_w * p->in_c;
            w += run;
        }
    }
}

/* All output channels of one pixel. The last four of a group overlap the ones before where their
 * number is no multiple of four; a group of fewer than four uses one row of weights for all. */
static void fg_conv2d_pixel_s8(const fg_conv2d_s8_t *p, const int8_t *in, fg_span rows, fg_span cols,
                               int8_t *out)
{
    const int32_t group_c = p->in_c / p->groups;
    const int32_t group_out = p->out_c / p->groups;
    const int32_t filter_size = p->kernel_h * p->kernel_w * group_c;
    const int32_t step = group_out < 4 ? 1 : 4;
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t i = 0; i < group_out; i += step) {
            const int32_t first = i + step > group_out ? group_out - step : i;
            const int32_t oc = group * group_out + first;
            const int32_t row = step == 1 ? 0 : filter_size;
            int32_t acc[4] = {0, 0, 0, 0};
            fg_conv2d_point_s8(p, in + group * group_c, p->weights + oc * filter_size, row, rows,
                               cols, acc);
            for (int32_t k = 0; k < step; k++) {
                out[oc + k] = fg_requantize(&p->requant, oc + k, acc[k] + p->bias[oc + k]);
            }
        }
    }
}

static void fg_conv2d_s8(const fg_conv2d_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                fg_conv2d_pixel_s8(p, in, rows, cols, out);
                out += p->out_c;
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
