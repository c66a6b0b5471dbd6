#include "pixels.h"

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
