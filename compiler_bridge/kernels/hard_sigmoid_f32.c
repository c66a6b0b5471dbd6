#include "each_f32.h"

/* alpha * x + beta between 0 and 1. */
FG_EACH_F32(hard_sigmoid_f32, x * p->alpha + p->beta <= 0.0f ? 0.0f : (x * p->alpha + p->beta >= 1.0f ? 1.0f : x * p->alpha + p->beta))
