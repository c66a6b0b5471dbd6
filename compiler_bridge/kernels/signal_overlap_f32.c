#include "signal_overlap.h"

FG_SIGNAL_OVERLAP(signal_overlap_f32, float, x + y)
