#include "output.h"
#include "in_order.h"
#include "simd_halves.h"
#include "window.h"

/* Depthwise 2-D convolution, four channels at a time. Weights are those of four channels by
 * kernel_h x kernel_w taps, then of the next four; the last four overlap the ones before where the
 * number of channels is no multiple of four.
 *
 * An output pixel is written after all inputs of its window were read; rows of the input above the
 * window of an output row are not read again. */
typedef struct {
    const int8_t *weights;
    const fg_channel *channels;
    fg_range range;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t offset;
} fg_depthwise_s8_t;

/* Adds the products of one tap in four channels. */
static inline void fg_depthwise_tap(const int8_t *x, const int8_t *w, int32_t offset, int32_t acc[4])
{
#if FG_SIMD
    const uint32_t inputs = fg_word(x);
    const uint32_t weights = fg_aligned_word(w);
    const uint32_t x02 = fg_sxtab16((uint32_t)offset, inputs);
    const uint32_t x13 = fg_sxtab16_odd((uint32_t)offset, inputs);
    const uint32_t w02 = fg_sxtb16(weights);
    const uint32_t w13 = fg_sxtb16_odd(weights);
    acc[0] = fg_smlabb(x02, w02, acc[0]);
    acc[1] = fg_smlabb(x13, w13, acc[1]);
    acc[2] = fg_smlatt(x02, w02, acc[2]);
    acc[3] = fg_smlatt(x13, w13, acc[3]);
#else
    acc[0] += (x[0] + offset) * w[0];
    acc[1] += (x[1] + offset) * w[1];
    acc[2] += (x[2] + offset) * w[2];
    acc[3] += (x[3] + offset) * w[3];
#endif
}

/* Adds the products of `taps` of a kernel's row, with inputs `step` apart. */
static inline void fg_depthwise_row(const int8_t *x, int32_t step, const int8_t *w, int32_t taps,
                                    int32_t offset, int32_t acc[4])
{
    if (FG_SIMD != 0 && taps == 3) {
        fg_depthwise_tap(x, w, offset, acc);
        fg_depthwise_tap(x + step, w + 4, offset, acc);
        fg_depthwise_tap(x + 2 * step, w + 8, offset, acc);
    } else {
        const int8_t *const end = w + 4 * taps;
        FG_KEEP_ROLLED
        while (w != end) {
            fg_depthwise_tap(x, w, offset, acc);
            x += step;
            w += 4;
        }
    }
}

/* All outputs of a pixel; `x` and `w` are the first input and weights of the window that lie
 * inside. */
static FG_NOINLINE void fg_depthwise_pixel_s8(const fg_depthwise_s8_t *p, const int8_t *x,
                                              const int8_t *w, int32_t rows, int32_t taps, int8_t *out)
{
    const int32_t step = p->dilation_w * p->in_c;
    const int32_t line = p->dilation_h * p->in_w * p->in_c;
    #if FG_SIMD
    const int32_t offset = (int32_t)((uint32_t)p->offset * 0x10000u + ((uint32_t)p->offset & 0xFFFFu));
#else
    const int32_t offset = p->offset;
#endif
    const fg_channel *channel = p->channels;
    const int32_t rest = p->out_c & 3;
    for (int32_t left = p->out_c; left > 0; left -= 4) {
        if (left < 4) {
            x += rest - 4;
            out += rest - 4;
            channel += rest - 4;
        }
        int32_t acc[4] = {0, 0, 0, 0};
        const int8_t *from = x;
        const int8_t *weights = w;
        for (int32_t n = rows; n > 0; n--) {
            fg_depthwise_row(from, step, weights, taps, offset, acc);
            from += line;
            weights += 4 * p->kernel_w;
        }
        out[0] = fg_output(&channel[0], &p->range, acc[0]);
        out[1] = fg_output(&channel[1], &p->range, acc[1]);
        out[2] = fg_output(&channel[2], &p->range, acc[2]);
        out[3] = fg_output(&channel[3], &p->range, acc[3]);
        x += 4;
        w += 4 * p->kernel_h * p->kernel_w;
        channel += 4;
        out += 4;
    }
}

static void fg_depthwise_s8(const fg_depthwise_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            const int32_t y = rows.start + rows.first * p->dilation_h;
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                const int32_t column = cols.start + cols.first * p->dilation_w;
                fg_depthwise_pixel_s8(p, in + (y * p->in_w + column) * p->in_c,
                                      p->weights + 4 * (rows.first * p->kernel_w + cols.first),
                                      rows.last - rows.first, cols.last - cols.first, out);
                out += p->out_c;
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
