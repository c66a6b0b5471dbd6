#include "each_f32.h"

/* 1 / x. */
FG_EACH_F32(reciprocal_f32, 1.0f / x)
