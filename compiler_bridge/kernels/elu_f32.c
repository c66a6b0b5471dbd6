#include "each_f32.h"
#include "exp_f32.h"

/* alpha * (e^x - 1) below zero. */
FG_EACH_F32(elu_f32, x < 0.0f ? p->alpha * (fg_exp_f32(x) - 1.0f) : x)
