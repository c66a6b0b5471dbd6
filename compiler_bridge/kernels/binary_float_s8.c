#include "round_float.h"
#include "clamp.h"
#include "loops4.h"

/* Sum, difference or product of two int8 tensors as ONNX says it: dequantized, computed and
 * quantized in float32. */
typedef struct {
    fg_loops4 loops;
    float a_scale, b_scale, out_scale;
    int32_t a_zero_point, b_zero_point, out_zero_point;
    int32_t operation; /* 0 add, 1 subtract, 2 multiply */
    int32_t low, high;
} fg_binary_float_s8_t;

static int8_t fg_binary_float_one_s8(const fg_binary_float_s8_t *p, int32_t a, int32_t b)
{
    /* volatile: each product is rounded by itself, never fused into the sum */
    volatile float x = (float)(a - p->a_zero_point) * p->a_scale;
    volatile float y = (float)(b - p->b_zero_point) * p->b_scale;
    volatile float z = p->operation == 0 ? x + y : (p->operation == 1 ? x - y : x * y);
    const int32_t q = fg_round_even(fg_clamp_f32(z / p->out_scale, -1024.0f, 1024.0f));
    return (int8_t)fg_clamp(q + p->out_zero_point, p->low, p->high);
}

static void fg_binary_float_s8(const fg_binary_float_s8_t *p, const int8_t *a, const int8_t *b,
                               int8_t *out)
{
    FG_LOOPS4(&p->loops, *out++ = fg_binary_float_one_s8(p, a[ia], b[ib]))
}
