#include "sigmoid_s16.h"

/* Logistic function (0) or tanh (1) of int16 values, which are brought to the table's steps by
 * multiplier * 2^-shift. */
typedef struct {
    const uint16_t *table;
    int32_t operation;
    int32_t multiplier, shift;
    int32_t n;
} fg_sigmoid_s16_t;

static void fg_sigmoid_s16(const fg_sigmoid_s16_t *p, const int16_t *in, int16_t *out)
{
    const int32_t half = p->shift > 0 ? 1 << (p->shift - 1) : 0;
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t x = (in[i] * p->multiplier + half) >> p->shift;
        out[i] = p->operation == 0 ? fg_logistic_q15(p->table, x) : fg_tanh_q15(p->table, x);
    }
}
