#include "each_f32.h"

/* The nearest integer, halves to even; magnitudes of 2^23 and more are integers already. */
static inline float fg_rounded_f32(float x)
{
    const float shifter = 8388608.0f;
    if (!(x > -shifter && x < shifter)) {
        return x;
    }
    volatile float y = x < 0.0f ? x - shifter : x + shifter;
    return x < 0.0f ? y + shifter : y - shifter;
}

FG_EACH_F32(round_each_f32, fg_rounded_f32(x))
