#include "cmsis_nn.h"

/* A product by CMSIS-NN. */
typedef struct {
    int32_t a_offset, b_offset, out_zero_point, out_multiplier, out_shift;
    int32_t low, high, n;
} fg_cmsis_nn_mul_s8_t;

static void fg_cmsis_nn_mul_s8(const fg_cmsis_nn_mul_s8_t *p, const int8_t *a, const int8_t *b,
                               int8_t *out)
{
    fg_cmsis_nn_done(arm_elementwise_mul_s8(a, b, p->a_offset, p->b_offset, out, p->out_zero_point,
                                            p->out_multiplier, p->out_shift, p->low, p->high, p->n));
}
