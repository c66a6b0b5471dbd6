#include "clamp.h"
#include "window.h"

typedef struct {
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t low, high;
} fg_max_pool_s8_t;

static void fg_max_pool_s8(const fg_max_pool_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const fg_span rows =
                fg_window(oy, p->stride_h, p->pad_h, p->dilation_h, p->kernel_h, p->in_h);
            for (int32_t ox = 0; ox < p->out_w; ox++) {
                const fg_span cols =
                    fg_window(ox, p->stride_w, p->pad_w, p->dilation_w, p->kernel_w, p->in_w);
                for (int32_t c = 0; c < p->channels; c++) {
                    int32_t best = -128;
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const int32_t y = rows.start + ky * p->dilation_h;
                        for (int32_t kx = cols.first; kx < cols.last; kx++) {
                            const int32_t x = cols.start + kx * p->dilation_w;
                            const int32_t v = in[(y * p->in_w + x) * p->channels + c];
                            best = v > best ? v : best;
                        }
                    }
                    *out++ = (int8_t)fg_clamp(best, p->low, p->high);
                }
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
}
