#include "each_f32.h"
#include "sqrt_f32.h"

/* One over the square root. */
FG_EACH_F32(rsqrt_each_f32, 1.0f / fg_sqrt_f32(x))
