#include "requantize.h"
#include "window.h"

/* Depthwise 2-D convolution: output channel c reads input channel c / multiplier. Weights are
 * kernel_h x kernel_w x out_c. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, multiplier;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t offset;
} fg_depthwise_s8_t;

/* `n` (1 or 4) output channels of one pixel; with four, channels lie side by side. */
static inline void fg_depthwise_point_s8(const fg_depthwise_s8_t *p, const int8_t *in,
                                         const int8_t *weights, int32_t n, fg_span rows,
                                         fg_span cols, int32_t acc[4])
{
    const int32_t step = p->dilation_w * p->in_c;
    const int32_t first = cols.start + cols.first * p->dilation_w;
    int32_t a0 = 0;
    int32_t a1 = 0;
    int32_t a2 = 0;
    int32_t a3 = 0;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        const int8_t *x = in + (y * p->in_w + first) * p->in_c;
        const int8_t *w = weights + (ky * p->kernel_w + cols.first) * p->out_c;
        FG_KEEP_ROLLED
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            a0 += (x[0] + p->offset) * w[0];
            if (n == 4) {
                a1 += (x[1] + p->offset) * w[1];
                a2 += (x[2] + p->offset) * w[2];
                a3 += (x[3] + p->offset) * w[3];
            }
            x += step;
            w += p->out_c;
        }
    }
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
}

static void fg_depthwise_pixel_s8(const fg_depthwise_s8_t *p, const int8_t *in, fg_span rows,
                                  fg_span cols, int8_t *out)
{
    const int32_t fours = p->multiplier == 1 ? p->out_c - p->out_c % 4 : 0;
    int32_t acc[4];
    for (int32_t oc = 0; oc < fours; oc += 4) {
        fg_depthwise_point_s8(p, in + oc, p->weights + oc, 4, rows, cols, acc);
        for (int32_t k = 0; k < 4; k++) {
            out[oc + k] = fg_requantize(&p->requant, oc + k, acc[k] + p->bias[oc + k]);
        }
    }
    for (int32_t oc = fours; oc < p->out_c; oc++) {
        const int8_t *x = in + oc / p->multiplier;
        fg_depthwise_point_s8(p, x, p->weights + oc, 1, rows, cols, acc);
        out[oc] = fg_requantize(&p->requant, oc, acc[0] + p->bias[oc]);
    }
}

static void fg_depthwise_s8(const fg_depthwise_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                fg_depthwise_pixel_s8(p, in, rows, cols, out);
                out += p->out_c;
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
