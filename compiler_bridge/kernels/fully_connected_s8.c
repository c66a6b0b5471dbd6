#include "requantize.h"
#include "dot_s8.h"

/* out[b][o] = requantize(bias[o] + sum over i of in[b][i] * weights[o][i]); the zero points are
 * in the bias. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t batch, in_n, out_n;
} fg_fully_connected_s8_t;

static void fg_fully_connected_s8(const fg_fully_connected_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        const int8_t *w = p->weights;
        for (int32_t o = 0; o < p->out_n; o++) {
            const int32_t acc = p->bias[o] + fg_dot_s8(in, w, p->in_n);
            *out++ = fg_requantize(&p->requant, o, acc);
            w += p->in_n;
        }
        in += p->in_n;
    }
}
