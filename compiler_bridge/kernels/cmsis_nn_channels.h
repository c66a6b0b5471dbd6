#include "cmsis_nn.h"

/* Bias and fixed-point scale of each output channel. */
typedef struct {
    const int32_t *bias, *multiplier, *shift;
} fg_cmsis_nn_channels;

/* The library takes them as if it changed them, and does not. */
static inline cmsis_nn_per_channel_quant_params fg_cmsis_nn_scales(const fg_cmsis_nn_channels *c)
{
    const cmsis_nn_per_channel_quant_params scales = {(int32_t *)(uintptr_t)c->multiplier,
                                                      (int32_t *)(uintptr_t)c->shift};
    return scales;
}
