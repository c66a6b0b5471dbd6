#include "pixels.h"
#include "sqrt_f32.h"

/* The root of the mean square over the window's inside. */
typedef struct {
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    float low, high;
} fg_l2_pool_f32_t;

static float fg_l2_pool_point_f32(const fg_l2_pool_f32_t *p, const float *in, fg_span rows,
                                  fg_span cols)
{
    float sum = 0.0f;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            const float v = in[((rows.start + ky) * p->in_w + cols.start + kx) * p->channels];
            sum += v * v;
        }
    }
    return fg_sqrt_f32(sum / (float)((rows.last - rows.first) * (cols.last - cols.first)));
}

static void fg_l2_pool_f32(const fg_l2_pool_f32_t *p, const float *in, float *out)
{
    FG_PIXELS(p, in, p->channels, 1, 1, for (int32_t c = 0; c < p->channels; c++) {
        const float y = fg_l2_pool_point_f32(p, in + c, rows, cols);
        *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
    })
}
