#include "transposed.h"

/* Transposed 2-D convolution of float32 values. Weights: out_c x kernel_h x kernel_w x in_c. */
typedef struct {
    const float *weights;
    const float *bias;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
    float low, high;
} fg_transpose_conv_f32_t;

/* The sum for one output channel of one pixel. */
static float fg_transposed_sum_f32(const fg_transpose_conv_f32_t *p, const float *in, const float *weights,
                                 int32_t oy, int32_t ox)
{
    float acc = 0.0f;
    FG_EACH_SOURCE(p, oy, ox, {
        for (int32_t c = 0; c < p->in_c; c++) {
            acc += in[x + c] * weights[w + c];
        }
    })
    return acc;
}

static void fg_transpose_conv_f32(const fg_transpose_conv_f32_t *p, const float *in, float *out)
{
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    FG_EACH_TRANSPOSED(p, in, {
        const float *w = p->weights + oc * filter_size;
        const float acc = fg_transposed_sum_f32(p, in, w, oy, ox);
        const float y = acc + p->bias[oc];
        *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
    })
}
