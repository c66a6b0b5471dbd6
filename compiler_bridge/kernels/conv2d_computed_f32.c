#include "conv2d_f32.c"

/* 2-D convolution in float32 whose weights and bias are computed. */
typedef struct {
    fg_conv2d_f32_t layer; /* without weights and bias */
} fg_conv2d_computed_f32_t;

static void fg_conv2d_computed_f32(const fg_conv2d_computed_f32_t *p, const float *in,
                                   const float *weights, const float *bias, float *out)
{
    fg_conv2d_f32_t layer = p->layer;
    layer.weights = weights;
    layer.bias = bias;
    fg_conv2d_f32(&layer, in, out);
}
