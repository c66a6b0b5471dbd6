#include "each_f32.h"

/* x / (1 + |x|). */
FG_EACH_F32(softsign_f32, x / (1.0f + (x < 0.0f ? -x : x)))
