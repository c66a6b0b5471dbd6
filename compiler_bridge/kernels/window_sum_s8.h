#include "window.h"

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
