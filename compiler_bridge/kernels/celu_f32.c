#include "each_f32.h"
#include "exp_f32.h"

/* x, and alpha * (e^(x / alpha) - 1) below zero. */
FG_EACH_F32(celu_f32, x < 0.0f ? p->alpha * (fg_exp_f32(x / p->alpha) - 1.0f) : x)
