#include "each_f32.h"
#include "sin_f32.h"

/* The cosine. */
FG_EACH_F32(cos_each_f32, fg_sin_f32(x, 1))
