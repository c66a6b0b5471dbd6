#include "each_f32.h"

/* -x. */
FG_EACH_F32(negate_f32, -x)
