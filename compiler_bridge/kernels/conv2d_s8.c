#include "requantize.h"
#include "dot_s8.h"
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

static inline int32_t fg_conv2d_run_s8(const int8_t *x, const int8_t *w, int32_t n, int32_t offset)
{
    return offset == 0 ? fg_dot_s8(x, w, n) : fg_dot_offset_s8(x, w, n, offset);
}

/* One output value: the taps of each kernel row that lie inside the input, in one run where they
 * are contiguous. */
static int32_t fg_conv2d_point_s8(const fg_conv2d_s8_t *p, const int8_t *in, const int8_t *weights,
                                  fg_span rows, fg_span cols)
{
    const int32_t group_c = p->in_c / p->groups;
    const bool contiguous = p->dilation_w == 1 && p->groups == 1;
    int32_t acc = 0;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        const int32_t x = cols.start + cols.first * p->dilation_w;
        const int8_t *row = in + (y * p->in_w + x) * p->in_c;
        const int8_t *w = weights + (ky * p->kernel_w + cols.first) * group_c;
        if (contiguous) {
            acc += fg_conv2d_run_s8(row, w, (cols.last - cols.first) * group_c, p->offset);
            continue;
        }
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            acc += fg_conv2d_run_s8(row, w, group_c, p->offset);
            row += p->dilation_w * p->in_c;
            w += group_c;
        }
    }
    return acc;
}

static void fg_conv2d_s8(const fg_conv2d_s8_t *p, const int8_t *in, int8_t *out)
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
                const int8_t *w = p->weights;
                for (int32_t oc = 0; oc < p->out_c; oc++) {
                    const int8_t *group_in = in + oc / out_per_group * group_c;
                    const int32_t acc = fg_conv2d_point_s8(p, group_in, w, rows, cols);
                    *out++ = fg_requantize(&p->requant, oc, acc + p->bias[oc]);
                    w += filter_size;
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
