#include "each_f32.h"
#include "sigmoid_f32.h"

/* The approximation of GELU by tanh. */
FG_EACH_F32(gelu_tanh_f32, 0.5f * x * (1.0f + fg_tanh_f32(0.79788456f * (x + 0.044715f * x * x * x))))
