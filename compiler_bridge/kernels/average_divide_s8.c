#include "clamp.h"
#include "window_sum_s8.h"

/* TensorFlow Lite's average: the quotient rounded half away from zero, same scale in and out. */
typedef struct {
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    int32_t low, high;
} fg_average_divide_s8_t;

static void fg_average_divide_s8(const fg_average_divide_s8_t *p, const int8_t *in, int8_t *out)
{
    FG_WINDOW_SUMS(p, in, {
        const int32_t mean = (sum > 0 ? sum + n / 2 : sum - n / 2) / n;
        *out++ = (int8_t)fg_clamp(mean, p->low, p->high);
    })
}
