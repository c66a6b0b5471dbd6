/* Adds (x[i] + offset) * w[k][i] to acc[k] for four rows of weights, each `row` after the one
 * before: every input is loaded once for four products. Not inlined, so that all it needs stays
 * in registers. */
static FG_NOINLINE void fg_dot4_s8(const int8_t *x, const int8_t *w, int32_t row, int32_t n, int32_t offset,
                              int32_t acc[4])
{
    const int8_t *w0 = w;
    const int8_t *w1 = w0 + row;
    const int8_t *w2 = w1 + row;
    const int8_t *w3 = w2 + row;
    int32_t a0 = acc[0];
    int32_t a1 = acc[1];
    int32_t a2 = acc[2];
    int32_t a3 = acc[3];
    FG_KEEP_ROLLED
    for (; n > 0; n--) {
        const int32_t v = *x++ + offset;
        a0 += v * *w0++;
        a1 += v * *w1++;
        a2 += v * *w2++;
        a3 += v * *w3++;
    }
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
}
