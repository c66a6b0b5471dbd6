#include "pixels.h"
#include "simd.h"

#if FG_MVE
/* Sums of some of four channels over a window of a height x width x channels input. */
static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_window_sums_s8(const int8_t *in, int32_t in_w,
                                                               int32_t channels, fg_span rows,
                                                               fg_span cols, mve_pred16_t some)
{
    int32x4_t sums = vdupq_n_s32(0);
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int8_t *x = in + ((rows.start + ky) * in_w + cols.start + cols.first) * channels;
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            sums = vaddq_s32(sums, vldrbq_z_s32(x, some));
            x += channels;
        }
    }
    return sums;
}

/* Runs statement for each four outputs, or what is `left` of them, of an average pool: `sums` are
 * those of the `n` taps inside. */
#define FG_MVE_WINDOW_SUMS(p, in, statement)                                                       \
    FG_PIXELS(p, in, (p)->channels, 1, 1, {                                                        \
        const int32_t n = (rows.last - rows.first) * (cols.last - cols.first);                     \
        for (int32_t c = 0; c < (p)->channels; c += 4) {                                           \
            const int32_t left = (p)->channels - c;                                                \
            const mve_pred16_t some = vctp32q((uint32_t)left);                                     \
            const int32x4_t sums =                                                                 \
                fg_mve_window_sums_s8((in) + c, (p)->in_w, (p)->channels, rows, cols, some);       \
            statement                                                                              \
        }                                                                                          \
    })

/* The same for each output with its `sum`. */
#define FG_WINDOW_SUMS(p, in, statement)                                                           \
    FG_MVE_WINDOW_SUMS(p, in, {                                                                    \
        int32_t four[4];                                                                           \
        vstrwq_s32(four, sums);                                                                    \
        for (int32_t i = 0; i < (left < 4 ? left : 4); i++) {                                      \
            const int32_t sum = four[i];                                                           \
            statement                                                                              \
        }                                                                                          \
    })
#else
/* Sum of one channel over a window of a height x width x channels input. */
static inline int32_t fg_window_sum_s8(const int8_t *in, int32_t in_w, int32_t channels, fg_span rows,
                                       fg_span cols)
{
    int32_t sum = 0;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int8_t *x = in + ((rows.start + ky) * in_w + cols.start + cols.first) * channels;
        for (int32_t kx = cols.first; kx < cols.last; kx++) {
            sum += *x;
            x += channels;
        }
    }
    return sum;
}

/* Runs statement for each output of an average pool: `sum` is that of the `n` taps inside. */
#define FG_WINDOW_SUMS(p, in, statement)                                                           \
    FG_PIXELS(p, in, (p)->channels, 1, 1, {                                                        \
        const int32_t n = (rows.last - rows.first) * (cols.last - cols.first);                     \
        for (int32_t c = 0; c < (p)->channels; c++) {                                              \
            const int32_t sum = fg_window_sum_s8((in) + c, (p)->in_w, (p)->channels, rows, cols);  \
            statement                                                                              \
        }                                                                                          \
    })
#endif
