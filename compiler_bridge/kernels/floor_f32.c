#include "each_f32.h"

/* The largest integer that is not above x (alpha 0), or the smallest that is not below (alpha 1). */
static inline float fg_whole_below_f32(float x)
{
    if (!(x > -8388608.0f && x < 8388608.0f)) {
        return x;
    }
    const float whole = (float)(int32_t)x;
    return whole > x ? whole - 1.0f : whole;
}

FG_EACH_F32(floor_f32, p->alpha > 0.0f ? -fg_whole_below_f32(-x) : fg_whole_below_f32(x))
