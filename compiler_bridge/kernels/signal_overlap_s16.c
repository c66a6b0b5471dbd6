#include "clamp.h"
#include "signal_overlap.h"

FG_SIGNAL_OVERLAP(signal_overlap_s16, int16_t, (int16_t)fg_clamp(x + y, INT16_MIN, INT16_MAX))
