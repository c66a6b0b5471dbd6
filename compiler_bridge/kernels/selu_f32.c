#include "each_f32.h"
#include "exp_f32.h"

/* beta * x, and beta * alpha * (e^x - 1) below zero. */
FG_EACH_F32(selu_f32, p->beta * (x < 0.0f ? p->alpha * fg_exp_f32(x) - p->alpha : x))
