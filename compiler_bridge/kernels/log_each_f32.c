#include "each_f32.h"
#include "log_f32.h"

/* The natural logarithm of positive values. */
FG_EACH_F32(log_each_f32, fg_log_f32(x))
