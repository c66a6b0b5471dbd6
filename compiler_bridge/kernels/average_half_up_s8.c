#include "clamp.h"
#include "window_sum_s8.h"

/* TensorFlow Lite's average of legacy 8-bit values, here held as int8: halves upwards. */
typedef struct {
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    int32_t low, high;
} fg_average_half_up_s8_t;

static void fg_average_half_up_s8(const fg_average_half_up_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows = fg_window(oy, p->stride_h, p->pad_h, 1, p->kernel_h, p->in_h);
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols = fg_window(ox, p->stride_w, p->pad_w, 1, p->kernel_w, p->in_w);
                const int32_t n = (rows.last - rows.first) * (cols.last - cols.first);
                for (int32_t c = 0; c < p->channels; c++) {
                    const int32_t sum = fg_window_sum_s8(in + c, p->in_w, p->channels, rows, cols);
                    const int32_t mean = (sum + 128 * n + n / 2) / n - 128;
                    *out++ = (int8_t)fg_clamp(mean, p->low, p->high);
                }
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
}
