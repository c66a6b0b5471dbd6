#include "sigmoid_f32.h"

/* A function of each float32 value: 0 clip to low..high, 1 sigmoid, 2 tanh, 3 leaky relu with
 * slope `low`, 4 hard swish. */
typedef struct {
    int32_t operation;
    float low, high;
    int32_t n;
} fg_unary_f32_t;

static float fg_unary_one_f32(const fg_unary_f32_t *p, float x)
{
    if (p->operation == 0) {
        return x < p->low ? p->low : (x > p->high ? p->high : x);
    }
    if (p->operation == 3) {
        return x < 0.0f ? x * p->low : x;
    }
    if (p->operation == 4) {
        const float y = x + 3.0f;
        return x * (y < 0.0f ? 0.0f : (y > 6.0f ? 6.0f : y)) / 6.0f;
    }
    return p->operation == 1 ? fg_sigmoid_f32(x) : fg_tanh_f32(x);
}

static void fg_unary_f32(const fg_unary_f32_t *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = fg_unary_one_f32(p, in[i]);
    }
}
