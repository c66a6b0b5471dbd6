#include "copy_run.h"

/* Chooses slices along one axis by a table: out[o][i] = in[o][index[i]], each `run` bytes. */
typedef struct {
    const int16_t *index;
    int32_t outer, in_n, out_n, run;
} fg_take_t;

static void fg_take(const fg_take_t *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->out_n; i++) {
            fg_copy_run(out, in + p->index[i] * p->run, p->run);
            out += p->run;
        }
        in += p->in_n * p->run;
    }
}
