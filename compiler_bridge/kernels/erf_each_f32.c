#include "each_f32.h"
#include "erf_f32.h"

/* The error function. */
FG_EACH_F32(erf_each_f32, fg_erf_f32(x))
