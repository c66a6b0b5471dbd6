#include "cmsis_nn.h"

/* An operand's scale: multiplier * 2^(shift - 31). */
typedef struct {
    int32_t offset, multiplier, shift;
} fg_cmsis_nn_operand;

/* A sum by CMSIS-NN. */
typedef struct {
    fg_cmsis_nn_operand a, b, out;
    int32_t spare_bits, low, high, n;
} fg_cmsis_nn_add_s8_t;

static void fg_cmsis_nn_add_s8(const fg_cmsis_nn_add_s8_t *p, const int8_t *a, const int8_t *b,
                               int8_t *out)
{
    fg_cmsis_nn_done(arm_elementwise_add_s8(
        a, b, p->a.offset, p->a.multiplier, p->a.shift, p->b.offset, p->b.multiplier, p->b.shift,
        p->spare_bits, out, p->out.offset, p->out.multiplier, p->out.shift, p->low, p->high, p->n));
}
