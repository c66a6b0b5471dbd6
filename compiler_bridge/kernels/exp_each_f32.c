#include "each_f32.h"
#include "exp_f32.h"

/* e^x. */
FG_EACH_F32(exp_each_f32, fg_exp_f32(x))
