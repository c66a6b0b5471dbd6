#include "each_f32.h"
#include "sqrt_f32.h"

/* The square root. */
FG_EACH_F32(sqrt_each_f32, fg_sqrt_f32(x))
