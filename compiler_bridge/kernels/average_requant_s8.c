#include "requantize.h"
#include "window_sum_s8.h"

/* Average as a requantized sum: the scale holds the division. scale[n - 1] belongs to a window of n
 * elements; with padding counted there is one scale for all (requant.step 0). */
typedef struct {
    fg_requant requant;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    int32_t in_zero_point;
} fg_average_requant_s8_t;

static void fg_average_requant_s8(const fg_average_requant_s8_t *p, const int8_t *in, int8_t *out)
{
#if FG_MVE
    FG_MVE_WINDOW_SUMS(p, in, {
        const int32x4_t acc = vsubq_n_s32(sums, n * p->in_zero_point);
        vstrbq_p_s32(out, fg_mve_requantize(&p->requant, n - 1, acc), some);
        out += left < 4 ? left : 4;
    })
#else
    FG_WINDOW_SUMS(p, in, {
        *out++ = fg_requantize(&p->requant, n - 1, sum - n * p->in_zero_point);
    })
#endif
}
