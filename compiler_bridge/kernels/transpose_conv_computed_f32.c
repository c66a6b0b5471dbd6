#include "transpose_conv_f32.c"

/* Transposed 2-D convolution in float32 whose weights and bias are operands. */
typedef struct {
    fg_transpose_conv_f32_t layer; /* without weights and bias */
} fg_transpose_conv_computed_f32_t;

static void fg_transpose_conv_computed_f32(const fg_transpose_conv_computed_f32_t *p, const float *in,
                                           const float *weights, const float *bias, float *out)
{
    fg_transpose_conv_f32_t layer = p->layer;
    layer.weights = weights;
    layer.bias = bias;
    fg_transpose_conv_f32(&layer, in, out);
}
