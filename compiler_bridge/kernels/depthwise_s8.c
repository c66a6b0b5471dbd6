#include "depthwise_sums_s8.h"
#include "pixels.h"

/* Depthwise 2-D convolution, four channels at a time, with FG_MVE eight while there are as many.
 * Weights are those of these channels by kernel_h x kernel_w taps, then of the next; the last four
 * overlap the ones before where the number of channels is no multiple of four.
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
#if FG_MVE
    int32_t left = p->out_c;
    const int32_t skipped = (int32_t)(window->w - p->weights);
    for (; left >= 8; left -= 8) {
        int32x4_t sums[2];
        fg_depthwise_eight(window, skipped, offset, sums);
        fg_output8(channel, &p->range, sums, out);
        window->x += 8;
        window->w += 2 * p->kernel_h * window->weights_line;
        channel += 8;
        out += 8;
    }
    for (; left > 0; left -= 4) {
#else
    for (int32_t left = p->out_c; left > 0; left -= 4) {
#endif
        const int32_t back = left < 4 ? 4 - left : 0;
        window->x -= back;
        out -= back;
        channel -= back;
        int32_t sums[4] = {0, 0, 0, 0};
        fg_depthwise_four(window, offset, sums);
        fg_output4(channel, &p->range, sums, out);
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
    FG_CONV_PIXELS(p, in, {
        const int32_t y = rows.start + rows.first * p->dilation_h;
        const int32_t column = cols.start + cols.first * p->dilation_w;
        window.x = in + (y * p->in_w + column) * p->in_c;
        window.w = p->weights + 4 * (rows.first * p->kernel_w + cols.first);
        window.rows = rows.last - rows.first;
        window.taps = cols.last - cols.first;
        fg_depthwise_pixel_s8(p, &window, out);
        out += p->out_c;
    })
}
