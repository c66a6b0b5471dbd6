/* Slices along one axis by computed places: out[o][i] = in[o][index[i]], each `run` bytes. A place
 * beyond the ends is taken for the nearest; index_step is the number of places of each o, or 0 where
 * all have the same. */
typedef struct {
    int32_t outer, in_n, out_n, run, index_step;
} fg_gather_t;

static void fg_gather(const fg_gather_t *p, const uint8_t *in, const int32_t *index, uint8_t *out)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->out_n; i++) {
            const int32_t at = index[i] < 0 ? index[i] + p->in_n : index[i];
            const int32_t place = at < 0 ? 0 : (at >= p->in_n ? p->in_n - 1 : at);
            memcpy(out, in + place * p->run, (size_t)p->run);
            out += p->run;
        }
        in += p->in_n * p->run;
        index += p->index_step;
    }
}
