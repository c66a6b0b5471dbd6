#include "pixels.h"

/* Maximum (average 0), average over the window's inside (1) or over all of it (2). */
typedef struct {
    int32_t average;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    float low, high;
} fg_pool_f32_t;

static float fg_pool_point_f32(const fg_pool_f32_t *p, const float *in, fg_span rows, fg_span cols)
{
    float sum = 0.0f;
    float best = -3.402823466e+38f;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int32_t y = rows.start + ky * p->dilation_h;
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            const float v = in[(y * p->in_w + cols.start + kx * p->dilation_w) * p->channels];
            sum += v;
            best = v > best ? v : best;
        }
    }
    if (p->average == 0) {
        return best;
    }
    const int32_t inside = (rows.last - rows.first) * (cols.last - cols.first);
    return sum / (float)(p->average == 1 ? inside : p->kernel_h * p->kernel_w);
}

static void fg_pool_f32(const fg_pool_f32_t *p, const float *in, float *out)
{
    FG_PIXELS(p, in, p->channels, p->dilation_h, p->dilation_w, for (int32_t c = 0; c < p->channels; c++) {
        const float y = fg_pool_point_f32(p, in + c, rows, cols);
        *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
    })
}
