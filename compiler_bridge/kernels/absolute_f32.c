#include "each_f32.h"

/* |x|. */
FG_EACH_F32(absolute_f32, x < 0.0f ? -x : x)
