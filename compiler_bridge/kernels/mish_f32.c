#include "each_f32.h"
#include "exp_f32.h"

/* x * tanh(log(1 + e^x)), with t = e^x: x * t(t + 2) / (t(t + 2) + 2). */
static inline float fg_mish_one(float x)
{
    if (x > 15.0f) {
        return x;
    }
    const float t = fg_exp_f32(x);
    const float y = t * (t + 2.0f);
    return x * y / (y + 2.0f);
}

FG_EACH_F32(mish_f32, fg_mish_one(x))
