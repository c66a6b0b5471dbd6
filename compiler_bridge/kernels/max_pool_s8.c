#include "clamp.h"
#include "pixels.h"
#include "simd.h"

typedef struct {
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t low, high;
} fg_max_pool_s8_t;

#if !FG_MVE
/* The largest of a channel in each row of taps, `step` from one tap to the next, `line` from one row. */
static inline int32_t fg_max_s8(const int8_t *in, int32_t n_rows, int32_t n_cols, int32_t step,
                                int32_t line)
{
    int32_t best = -128;
    for (; n_rows > 0; n_rows--) {
        const int8_t *x = in;
        for (int32_t n = n_cols; n > 0; n--) {
            best = *x > best ? *x : best;
            x += step;
        }
        in += line;
    }
    return best;
}
#endif

/* All outputs of a pixel whose window begins at `in`. */
static void fg_max_pool_pixel_s8(const fg_max_pool_s8_t *p, const int8_t *in, int32_t n_rows,
                                 int32_t n_cols, int8_t *out)
{
    const int32_t step = p->dilation_w * p->channels;
    const int32_t line = p->dilation_h * p->in_w * p->channels;
    int32_t left = p->channels;
#if FG_MVE
    for (; left > 0; left -= 16) {
        const mve_pred16_t some = vctp8q((uint32_t)left);
        int8x16_t best = vdupq_n_s8(-128);
        for (int32_t ky = 0; ky < n_rows; ky++) {
            const int8_t *x = in + ky * line;
            for (int32_t kx = 0; kx < n_cols; kx++) {
                best = vmaxq_s8(best, vldrbq_z_s8(x, some));
                x += step;
            }
        }
        best = vminq_s8(vmaxq_s8(best, vdupq_n_s8((int8_t)p->low)), vdupq_n_s8((int8_t)p->high));
        vstrbq_p_s8(out, best, some);
        in += 16;
        out += 16;
    }
#else
    for (; left > 0; left--) {
        *out++ = (int8_t)fg_clamp(fg_max_s8(in++, n_rows, n_cols, step, line), p->low, p->high);
    }
#endif
}

static void fg_max_pool_s8(const fg_max_pool_s8_t *p, const int8_t *in, int8_t *out)
{
    FG_PIXELS(p, in, p->channels, p->dilation_h, p->dilation_w, {
        const int32_t y = rows.start + rows.first * p->dilation_h;
        const int32_t x = cols.start + cols.first * p->dilation_w;
        const int8_t *first = in + (y * p->in_w + x) * p->channels;
        fg_max_pool_pixel_s8(p, first, rows.last - rows.first, cols.last - cols.first, out);
        out += p->channels;
    })
}
