#include "each_f32.h"
#include "exp_f32.h"
#include "log_f32.h"

/* log(1 + e^x), without an e^x that grows beyond all bounds. */
FG_EACH_F32(softplus_f32, x > 0.0f ? x + fg_log_f32(1.0f + fg_exp_f32(-x)) : fg_log_f32(1.0f + fg_exp_f32(x)))
