#include "each_f32.h"

/* 1 above alpha, and 0 elsewhere. */
FG_EACH_F32(binarize_f32, x > p->alpha ? 1.0f : 0.0f)
