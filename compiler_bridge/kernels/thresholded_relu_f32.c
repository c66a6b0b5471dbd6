#include "each_f32.h"

/* x where it is above alpha, else zero. */
FG_EACH_F32(thresholded_relu_f32, x > p->alpha ? x : 0.0f)
