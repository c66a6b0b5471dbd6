#include "each_f32.h"
#include "sin_f32.h"

/* The sine. */
FG_EACH_F32(sin_each_f32, fg_sin_f32(x, 0))
