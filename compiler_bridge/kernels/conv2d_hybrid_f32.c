#include "dot_s8.h"
#include "window.h"

/* 2-D convolution of float32 values with int8 weights, fully connected as one pixel: each batch is
 * brought to int8 by its own range, and the sums back to float32. work has room for one batch. */
typedef struct {
    const int8_t *weights;
    const float *bias;
    float scale; /* of the weights */
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    float low, high;
} fg_conv2d_hybrid_f32_t;

/* The integers of a batch, halves away from zero; returns what one of them stands for. */
static float fg_symmetric_s8(const float *in, int32_t n, int8_t *out)
{
    float range = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        const float size = in[i] < 0.0f ? -in[i] : in[i];
        range = size > range ? size : range;
    }
    const float inverse = range > 0.0f ? 127.0f / range : 0.0f;
    for (int32_t i = 0; i < n; i++) {
        const float y = in[i] * inverse;
        const int32_t whole = (int32_t)y;
        const float rest = y - (float)whole;
        const int32_t q = whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
        out[i] = (int8_t)(q < -127 ? -127 : (q > 127 ? 127 : q));
    }
    return range > 0.0f ? range / 127.0f : 1.0f;
}

static int32_t fg_conv2d_hybrid_sum(const fg_conv2d_hybrid_f32_t *p, const int8_t *in,
                                    const int8_t *weights, fg_span rows, fg_span cols)
{
    int32_t acc = 0;
    FG_EACH_TAP(p, p->in_c, p->in_c, acc += fg_dot_s8(in + x, weights + w, p->in_c);)
    return acc;
}

static void fg_conv2d_hybrid_f32(const fg_conv2d_hybrid_f32_t *p, const float *in, float *out,
                                 int8_t *work)
{
    const int32_t filter_size = p->kernel_h * p->kernel_w * p->in_c;
    const int32_t n = p->in_h * p->in_w * p->in_c;
    for (int32_t b = 0; b < p->batch; b++) {
        const float scale = fg_symmetric_s8(in, n, work) * p->scale;
        FG_EACH_PIXEL(p, p->dilation_h, p->dilation_w, {
            for (int32_t oc = 0; oc < p->out_c; oc++) {
                const int8_t *w = p->weights + oc * filter_size;
                const float sum = (float)fg_conv2d_hybrid_sum(p, work, w, rows, cols);
                const float y = sum * scale + p->bias[oc];
                *out++ = y < p->low ? p->low : (y > p->high ? p->high : y);
            }
        })
        in += n;
    }
}
