/* The spectrum of real samples in 16 bits. Half as many complex numbers as there are samples are
 * transformed by factors of 4 and 2, each of which divides by itself, and taken apart at the end.
 * `place` is the order in which they are read, `turn` is cos and sin of -2 pi i / half, `split` of
 * -pi (i / half + 1/2). */
typedef struct {
    const int16_t *place, *turn, *split;
    int32_t frames, n, half, n_factors;
    int32_t factors[10];
} fg_signal_fft_s16_t;

typedef struct {
    int16_t r, i;
} fg_complex_s16;

static inline int16_t fg_q15(int32_t x)
{
    return (int16_t)((x + 16384) >> 15);
}

static inline fg_complex_s16 fg_scaled_s16(fg_complex_s16 x, int32_t by)
{
    const fg_complex_s16 y = {fg_q15(x.r * by), fg_q15(x.i * by)};
    return y;
}

static inline fg_complex_s16 fg_product_s16(fg_complex_s16 x, const int16_t *turn)
{
    const uint32_t real = (uint32_t)(x.r * turn[0]) - (uint32_t)(x.i * turn[1]);
    const uint32_t imaginary = (uint32_t)(x.r * turn[1]) + (uint32_t)(x.i * turn[0]);
    const fg_complex_s16 y = {fg_q15((int32_t)real), fg_q15((int32_t)imaginary)};
    return y;
}

static inline fg_complex_s16 fg_sum_s16(fg_complex_s16 x, fg_complex_s16 y, int32_t sign)
{
    const fg_complex_s16 z = {(int16_t)(x.r + sign * y.r), (int16_t)(x.i + sign * y.i)};
    return z;
}

static void fg_by_two_s16(fg_complex_s16 *x, const int16_t *turn, int32_t m, int32_t step)
{
    for (int32_t k = 0; k < m; k++) {
        const fg_complex_s16 a = fg_scaled_s16(x[0], 16383);
        const fg_complex_s16 b = fg_product_s16(fg_scaled_s16(x[m], 16383), turn + 2 * k * step);
        x[m] = fg_sum_s16(a, b, -1);
        x[0] = fg_sum_s16(a, b, 1);
        x++;
    }
}

static void fg_by_four_s16(fg_complex_s16 *x, const int16_t *turn, int32_t m, int32_t step)
{
    for (int32_t k = 0; k < m; k++) {
        const int16_t *t = turn + 2 * k * step;
        const fg_complex_s16 a = fg_scaled_s16(x[0], 8191);
        const fg_complex_s16 b = fg_product_s16(fg_scaled_s16(x[m], 8191), t);
        const fg_complex_s16 c = fg_product_s16(fg_scaled_s16(x[2 * m], 8191), turn + 4 * k * step);
        const fg_complex_s16 d = fg_product_s16(fg_scaled_s16(x[3 * m], 8191), turn + 6 * k * step);
        const fg_complex_s16 even = fg_sum_s16(a, c, 1);
        const fg_complex_s16 odd = fg_sum_s16(a, c, -1);
        const fg_complex_s16 sum = fg_sum_s16(b, d, 1);
        const fg_complex_s16 gap = fg_sum_s16(b, d, -1);
        const fg_complex_s16 turned = {gap.i, (int16_t)-gap.r};
        x[2 * m] = fg_sum_s16(even, sum, -1);
        x[0] = fg_sum_s16(even, sum, 1);
        x[m] = fg_sum_s16(odd, turned, 1);
        x[3 * m] = fg_sum_s16(odd, turned, -1);
        x++;
    }
}

static void fg_transform_s16(const fg_signal_fft_s16_t *p, fg_complex_s16 *work)
{
    int32_t m = 1;
    for (int32_t stage = p->n_factors - 1; stage >= 0; stage--) {
        const int32_t factor = p->factors[stage];
        const int32_t step = p->half / (factor * m);
        for (int32_t at = 0; at < p->half; at += factor * m) {
            if (factor == 4) {
                fg_by_four_s16(work + at, p->turn, m, step);
            } else {
                fg_by_two_s16(work + at, p->turn, m, step);
            }
        }
        m *= factor;
    }
}

static void fg_take_apart_s16(const fg_signal_fft_s16_t *p, const fg_complex_s16 *work,
                              fg_complex_s16 *out)
{
    const fg_complex_s16 first = fg_scaled_s16(work[0], 16383);
    const fg_complex_s16 low = {(int16_t)(first.r + first.i), 0};
    const fg_complex_s16 high = {(int16_t)(first.r - first.i), 0};
    out[0] = low;
    out[p->half] = high;
    for (int32_t k = 1; k <= p->half / 2; k++) {
        const fg_complex_s16 back = work[p->half - k];
        const fg_complex_s16 mirrored = {back.r, (int16_t)-back.i};
        const fg_complex_s16 a = fg_scaled_s16(work[k], 16383);
        const fg_complex_s16 b = fg_scaled_s16(mirrored, 16383);
        const fg_complex_s16 sum = fg_sum_s16(a, b, 1);
        const fg_complex_s16 gap = fg_product_s16(fg_sum_s16(a, b, -1), p->split + 2 * (k - 1));
        const fg_complex_s16 up = {(int16_t)((sum.r + gap.r) >> 1), (int16_t)((sum.i + gap.i) >> 1)};
        const fg_complex_s16 down = {(int16_t)((sum.r - gap.r) >> 1), (int16_t)((gap.i - sum.i) >> 1)};
        out[k] = up;
        out[p->half - k] = down;
    }
}

static void fg_signal_fft_s16(const fg_signal_fft_s16_t *p, const int16_t *in, fg_complex_s16 *out,
                              fg_complex_s16 *work)
{
    for (int32_t frame = 0; frame < p->frames; frame++) {
        for (int32_t k = 0; k < p->half; k++) {
            const int32_t at = 2 * p->place[k];
            work[k].r = (int16_t)(at < p->n ? in[at] : 0);
            work[k].i = (int16_t)(at + 1 < p->n ? in[at + 1] : 0);
        }
        fg_transform_s16(p, work);
        fg_take_apart_s16(p, work, out);
        in += p->n;
        out += p->half + 1;
    }
}
