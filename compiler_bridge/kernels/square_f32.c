#include "each_f32.h"

/* x * x. */
FG_EACH_F32(square_f32, x * x)
