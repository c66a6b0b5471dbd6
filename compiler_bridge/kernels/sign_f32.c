#include "each_f32.h"

/* -1, 0 or 1. */
FG_EACH_F32(sign_f32, x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f))
