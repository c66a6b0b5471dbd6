#include "output.h"
#include "dsp_taps.h"
#include "thumb1.h"

/* The part of a window that lies inside the input: where it begins there and in the weights of four
 * channels, and the way from one tap and from one row of taps to the next. */
typedef struct {
    const int8_t *x, *w;
    int32_t rows, taps, step, line, weights_line;
} fg_depthwise_window;

#if FG_MVE
/* Adds the products of a window in four channels. */
static inline void fg_depthwise_four(const fg_depthwise_window *window, int32_t offset, int32_t sums[4])
{
    const int8_t *x = window->x;
    const int8_t *w = window->w;
    int32x4_t acc = vldrwq_s32(sums);
    for (int32_t rows = window->rows; rows > 0; rows--) {
        const int8_t *from = x;
        const int8_t *weights = w;
        FG_KEEP_ROLLED
        for (int32_t n = window->taps; n > 0; n--) {
            const int32x4_t input = vaddq_n_s32(vldrbq_s32(from), offset);
            acc = vaddq_s32(acc, vmulq_s32(input, vldrbq_s32(weights)));
            from += window->step;
            weights += 4;
        }
        x += window->line;
        w += window->weights_line;
    }
    vstrwq_s32(sums, acc);
}

/* The same of eight channels, of which `skipped` weights of four are outside: sums of the even and of
 * the odd ones. */
static inline void fg_depthwise_eight(const fg_depthwise_window *window, int32_t skipped,
                                      int32_t offset, int32x4_t sums[2])
{
    const int8_t *x = window->x;
    const int8_t *w = window->w + skipped;
    int32x4_t even = vdupq_n_s32(0);
    int32x4_t odd = even;
    for (int32_t rows = window->rows; rows > 0; rows--) {
        const int8_t *from = x;
        const int8_t *weights = w;
        FG_KEEP_ROLLED
        for (int32_t n = window->taps; n > 0; n--) {
            const int16x8_t input = vaddq_n_s16(vldrbq_s16(from), (int16_t)offset);
            const int16x8_t weight = vldrbq_s16(weights);
            even = vaddq_s32(even, vmullbq_int_s16(input, weight));
            odd = vaddq_s32(odd, vmulltq_int_s16(input, weight));
            from += window->step;
            weights += 8;
        }
        x += window->line;
        w += 2 * window->weights_line;
    }
    sums[0] = even;
    sums[1] = odd;
}
#else
#if !FG_THUMB1_HIGH
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
#endif

/* Adds the products of a window in four channels. */
static inline void fg_depthwise_four(const fg_depthwise_window *window, int32_t offset, int32_t sums[4])
{
    const int8_t *x = window->x;
    const int8_t *w = window->w;
    const int32_t step = window->step;
#if FG_DSP
    if (window->taps == 3) {
        for (int32_t n = window->rows; n > 0; n--) {
            FG_DSP_THREE_TAPS(x, step, w, offset, sums);
            x += window->line;
            w += window->weights_line;
        }
        return;
    }
#endif
    for (int32_t n = window->rows; n > 0; n--) {
        const int8_t *from = x;
        const int8_t *weights = w;
        const int8_t *const end = w + 4 * window->taps;
#if FG_THUMB1_HIGH
        if (weights != end) {
            FG_THUMB1_TAPS(from, step, weights, end, offset, sums);
        }
#else
        FG_KEEP_ROLLED
        for (; weights != end; weights += 4) {
            fg_depthwise_tap(from, weights, offset, sums);
            from += step;
        }
#endif
        x += window->line;
        w += window->weights_line;
    }
}
#endif
