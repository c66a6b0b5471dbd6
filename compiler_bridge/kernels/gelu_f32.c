#include "each_f32.h"
#include "erf_f32.h"

/* x times the normal distribution function of x. */
FG_EACH_F32(gelu_f32, 0.5f * x * (1.0f + fg_erf_f32(x * 0.70710678f)))
