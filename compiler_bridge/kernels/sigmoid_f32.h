#include "exp_f32.h"

static float fg_sigmoid_f32(float x)
{
    const float e = fg_exp_f32(x < 0.0f ? x : -x);
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

static float fg_tanh_f32(float x)
{
    if (x < 0.25f && x > -0.25f) { /* 1 - e would lose digits */
        const float z = x * x;
        float y = 62.0f / 2835.0f;
        y = y * z - 17.0f / 315.0f;
        y = y * z + 2.0f / 15.0f;
        y = y * z - 1.0f / 3.0f;
        return y * z * x + x;
    }
    const float e = fg_exp_f32(x < 0.0f ? 2.0f * x : -2.0f * x);
    return (x < 0.0f ? e - 1.0f : 1.0f - e) / (1.0f + e);
}
