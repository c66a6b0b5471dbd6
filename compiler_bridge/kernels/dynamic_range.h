#include "clamp.h"
#include "round_float.h"

/* float32 to 8 bits by the range of the values and zero (ONNX DynamicQuantizeLinear); integers and zero
 * point are 128 less than ONNX's. */
static void fg_quantize_by_range(const float *in, int32_t n, int8_t *out, float *scale, int8_t *zero_point)
{
    float low = 0.0f;
    float high = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        low = in[i] < low ? in[i] : low;
        high = in[i] > high ? in[i] : high;
    }
    const float step = high > low ? (high - low) / 255.0f : 1.0f;
    const int32_t zero = fg_round_even(fg_clamp_f32(0.0f - low / step, 0.0f, 255.0f));
    *scale = step;
    *zero_point = (int8_t)(zero - 128);
    for (int32_t i = 0; i < n; i++) {
        const int32_t q = fg_round_even(fg_clamp_f32(in[i] / step, -1024.0f, 1024.0f));
        out[i] = (int8_t)(fg_clamp(q + zero, 0, 255) - 128);
    }
}
