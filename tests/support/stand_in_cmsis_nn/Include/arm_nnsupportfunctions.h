#ifndef STAND_IN_NNSUPPORTFUNCTIONS_H
#define STAND_IN_NNSUPPORTFUNCTIONS_H

#include "arm_nnfunctions.h"

/* value * multiplier * 2^(shift - 31), rounded twice, and within the range. */
int8_t arm_nn_scaled_within(int32_t value, int32_t multiplier, int32_t shift, int32_t offset,
                            cmsis_nn_activation range);
int32_t arm_nn_scaled(int32_t value, int32_t multiplier, int32_t shift);

/* Scratch is the callee's: whatever else lies there is lost. */
void arm_nn_spoil(const cmsis_nn_context *context);

#endif
