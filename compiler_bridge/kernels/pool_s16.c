#include "clamp.h"
#include "pixels.h"

/* Maximum (0) or average (1) of int16 values over each window's inside; halves go away from 0. */
typedef struct {
    int32_t average;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    int32_t low, high;
} fg_pool_s16_t;

static int32_t fg_pool_point_s16(const fg_pool_s16_t *p, const int16_t *in, fg_span rows,
                                 fg_span cols)
{
    int32_t sum = 0;
    int32_t best = -32768;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            const int32_t v =
                in[((rows.start + ky) * p->in_w + cols.start + kx) * p->channels];
            sum += v;
            best = v > best ? v : best;
        }
    }
    if (p->average == 0) {
        return best;
    }
    const int32_t count = (rows.last - rows.first) * (cols.last - cols.first);
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static void fg_pool_s16(const fg_pool_s16_t *p, const int16_t *in, int16_t *out)
{
    FG_PIXELS(p, in, p->channels, 1, 1, for (int32_t c = 0; c < p->channels; c++) {
        const int32_t y = fg_pool_point_s16(p, in + c, rows, cols);
        *out++ = (int16_t)fg_clamp(y, p->low, p->high);
    })
}
