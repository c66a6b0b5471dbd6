#include "output.h"
#include "dsp_taps.h"
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
#if FG_DSP
    FG_DSP_ONE_TAP(x, w, offset, acc);
#else
    acc[0] += (x[0] + offset) * w[0];
    acc[1] += (x[1] + offset) * w[1];
    acc[2] += (x[2] + offset) * w[2];
    acc[3] += (x[3] + offset) * w[3];
#endif
}

/* The part of a window that lies inside the input: where it begins there and in the weights of four
 * channels, and the way from one tap and from one row of taps to the next. */
typedef struct {
    const int8_t *x, *w;
    int32_t rows, taps, step, line, weights_line;
} fg_depthwise_window;

/* Adds the products of a window in four channels. */
static inline void fg_depthwise_four(const fg_depthwise_window *window, int32_t offset, int32_t acc[4])
{
    const int8_t *x = window->x;
    const int8_t *w = window->w;
    const int32_t step = window->step;
#if FG_DSP
    if (window->taps == 3) {
        for (int32_t n = window->rows; n > 0; n--) {
            FG_DSP_THREE_TAPS(x, step, w, offset, acc);
            x += window->line;
            w += window->weights_line;
        }
        return;
    }
#endif
    for (int32_t n = window->rows; n > 0; n--) {
        const int8_t *from = x;
        const int8_t *const end = w + 4 * window->taps;
        FG_KEEP_ROLLED
        for (const int8_t *weights = w; weights != end; weights += 4) {
            fg_depthwise_tap(from, weights, offset, acc);
            from += step;
        }
        x += window->line;
        w += window->weights_line;
    }
}

/* All outputs of a pixel. */
static FG_NOINLINE void fg_depthwise_pixel_s8(const fg_depthwise_s8_t *p, fg_depthwise_window *window,
                                              int8_t *out)
{
#if FG_DSP
    const int32_t offset = (int32_t)((uint32_t)p->offset * 0x10000u + ((uint32_t)p->offset & 0xFFFFu));
#else
    const int32_t offset = p->offset;
#endif
    const fg_channel *channel = p->channels;
    for (int32_t left = p->out_c; left > 0; left -= 4) {
        const int32_t back = left < 4 ? 4 - left : 0;
        window->x -= back;
        out -= back;
        channel -= back;
        int32_t acc[4] = {0, 0, 0, 0};
        fg_depthwise_four(window, offset, acc);
        out[0] = fg_output(&channel[0], &p->range, acc[0]);
        out[1] = fg_output(&channel[1], &p->range, acc[1]);
        out[2] = fg_output(&channel[2], &p->range, acc[2]);
        out[3] = fg_output(&channel[3], &p->range, acc[3]);
        window->x += 4;
        window->w += p->kernel_h * window->weights_line;
        channel += 4;
        out += 4;
    }
}

static void fg_depthwise_s8(const fg_depthwise_s8_t *p, const int8_t *in, int8_t *out)
{
    fg_depthwise_window window;
    window.step = p->dilation_w * p->in_c;
    window.line = p->dilation_h * p->in_w * p->in_c;
    window.weights_line = 4 * p->kernel_w;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            const int32_t y = rows.start + rows.first * p->dilation_h;
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                const int32_t column = cols.start + cols.first * p->dilation_w;
                window.x = in + (y * p->in_w + column) * p->in_c;
                window.w = p->weights + 4 * (rows.first * p->kernel_w + cols.first);
                window.rows = rows.last - rows.first;
                window.taps = cols.last - cols.first;
                fg_depthwise_pixel_s8(p, &window, out);
                out += p->out_c;
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
