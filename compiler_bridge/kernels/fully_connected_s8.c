#include "rows.h"

/* out[b][o] = requantize(bias[o] + sum over i of in[b][i] * weights[o][i]); the zero points are in
 * the bias. A convolution with a 1 x 1 kernel is this, each pixel a batch. */
typedef struct {
    fg_rows rows;
    int32_t batch, in_n;
} fg_fully_connected_s8_t;

static void fg_fully_connected_s8(const fg_fully_connected_s8_t *p, const int8_t *in, int8_t *out)
{
    const int32_t rest = FG_ANY_TAPS(&p->rows) ? 0 : p->in_n & 3;
    int8_t last[4] = {0, 0, 0, 0};
    for (int32_t b = 0; b < p->batch; b++) {
        const int8_t *const end = in + (p->in_n - rest);
        const fg_taps taps = FG_TAPS(in, end, rest != 0 ? last : NULL);
        in += p->in_n;
        for (int32_t i = 0; i < rest; i++) {
            last[i] = end[i];
        }
        fg_all_rows(&p->rows, &taps, out);
        out += p->rows.out_n;
    }
}
