#include "requantize.h"
#include "simd.h"

/* A layer's rows of weights, packed for four outputs at a time.
 *
 * A block of 16 bytes has four taps of four rows. Rows 0 and 1 share halfwords, as do rows 2 and 3:
 * the low byte is the even row's weight + 128 (unsigned), the high byte the odd row's (signed); taps
 * 0 and 2 come before taps 1 and 3, as SXTB16 splits the inputs. A product with the halfword is both
 * rows' at once; taking 256 times the odd row's away leaves the even row's, modulo 2^32. Rows left
 * over (fewer than four) follow as they are. Each row is filled up with zeros to whole blocks. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    fg_requant requant;
    int32_t out_n;
} fg_rows;

/* What a row meets: `runs` runs of 4 * blocks inputs, `skip` bytes between them; the last run is
 * the four inputs at `last` if that is not NULL. */
typedef struct {
    const int8_t *x;
    int32_t runs, blocks, skip;
    const int8_t *last;
} fg_patch;

/* Goes on to the next run of a patch; false after the last. */
static inline bool fg_next_run(const fg_patch *p, const int8_t **x, int32_t *runs, int32_t *blocks)
{
    *runs -= 1;
    if (*runs == 1 && p->last != NULL) {
        *x = p->last;
        *blocks = 1;
    } else {
        *x += p->skip;
    }
    return *runs != 0;
}

static inline int32_t fg_patch_sum(const fg_patch *p)
{
    const int8_t *x = p->x;
    int32_t runs = p->runs;
    int32_t blocks = p->blocks;
    int32_t sum = 0;
    do {
        FG_KEEP_ROLLED
        for (int32_t n = blocks; n > 0; n--) {
#if FG_SIMD
            const uint32_t word = fg_word(x);
            sum = fg_smlad(fg_sxtb16(word), 0x00010001u, sum);
            sum = fg_smlad(fg_sxtb16_odd(word), 0x00010001u, sum);
#else
            sum += x[0] + x[1] + x[2] + x[3];
#endif
            x += 4;
        }
    } while (fg_next_run(p, &x, &runs, &blocks));
    return sum;
}

/* The products of four inputs with four rows; with FG_SIMD those of the odd rows are 256 times in
 * the even rows' too. */
static inline void fg_block(const int8_t *x, const int8_t *w, int32_t acc[4])
{
#if FG_SIMD
    const uint32_t word = fg_word(x);
    const uint32_t even = fg_sxtb16(word);
    const uint32_t odd = fg_sxtb16_odd(word);
    const uint32_t w0 = fg_aligned_word(w);
    const uint32_t w1 = fg_aligned_word(w + 4);
    acc[0] = fg_smlad(even, w0, acc[0]);
    acc[1] = fg_smlad(even, fg_sxtb16_odd(w0), acc[1]);
    acc[2] = fg_smlad(even, w1, acc[2]);
    acc[3] = fg_smlad(even, fg_sxtb16_odd(w1), acc[3]);
    const uint32_t w2 = fg_aligned_word(w + 8);
    const uint32_t w3 = fg_aligned_word(w + 12);
    acc[0] = fg_smlad(odd, w2, acc[0]);
    acc[1] = fg_smlad(odd, fg_sxtb16_odd(w2), acc[1]);
    acc[2] = fg_smlad(odd, w3, acc[2]);
    acc[3] = fg_smlad(odd, fg_sxtb16_odd(w3), acc[3]);
#else
    const uint8_t *u = (const uint8_t *)w;
    const int32_t x0 = x[0];
    acc[0] += x0 * u[0];
    acc[1] += x0 * w[1];
    acc[2] += x0 * u[4];
    acc[3] += x0 * w[5];
    const int32_t x2 = x[2];
    acc[0] += x2 * u[2];
    acc[1] += x2 * w[3];
    acc[2] += x2 * u[6];
    acc[3] += x2 * w[7];
    const int32_t x1 = x[1];
    acc[0] += x1 * u[8];
    acc[1] += x1 * w[9];
    acc[2] += x1 * u[12];
    acc[3] += x1 * w[13];
    const int32_t x3 = x[3];
    acc[0] += x3 * u[10];
    acc[1] += x3 * w[11];
    acc[2] += x3 * u[14];
    acc[3] += x3 * w[15];
#endif
}

/* The products of a patch with four packed rows; returns where the next four begin. */
static inline const int8_t *fg_dot4(const fg_patch *p, const int8_t *w, int32_t acc[4])
{
    const int8_t *x = p->x;
    int32_t runs = p->runs;
    int32_t blocks = p->blocks;
    do {
        FG_KEEP_ROLLED
        for (int32_t n = blocks >> 1; n > 0; n--) {
            fg_block(x, w, acc);
            fg_block(x + 4, w + 16, acc);
            x += 8;
            w += 32;
        }
        if ((blocks & 1) != 0) {
            fg_block(x, w, acc);
            x += 4;
            w += 16;
        }
    } while (fg_next_run(p, &x, &runs, &blocks));
#if FG_SIMD
    acc[0] = (int32_t)((uint32_t)acc[0] - ((uint32_t)acc[1] << 8));
    acc[2] = (int32_t)((uint32_t)acc[2] - ((uint32_t)acc[3] << 8));
#endif
    return w;
}

/* The products of a patch with one row. */
static inline const int8_t *fg_dot1(const fg_patch *p, const int8_t *w, int32_t *acc)
{
    const int8_t *x = p->x;
    int32_t runs = p->runs;
    int32_t blocks = p->blocks;
    do {
        FG_KEEP_ROLLED
        for (int32_t n = blocks; n > 0; n--) {
#if FG_SIMD
            const uint32_t word = fg_word(x);
            const uint32_t weight = fg_aligned_word(w);
            *acc = fg_smlad(fg_sxtb16(word), fg_sxtb16(weight), *acc);
            *acc = fg_smlad(fg_sxtb16_odd(word), fg_sxtb16_odd(weight), *acc);
#else
            *acc += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
#endif
            x += 4;
            w += 4;
        }
    } while (fg_next_run(p, &x, &runs, &blocks));
    return w;
}

/* All outputs of a patch. */
static FG_NOINLINE void fg_rows_s8(const fg_rows *rows, const fg_patch *p, int8_t *out)
{
    const int8_t *w = rows->weights;
    const int32_t *bias = rows->bias;
    const int32_t out_n = rows->out_n;
    const int32_t even_bias = out_n >= 4 ? fg_patch_sum(p) * -128 : 0;
    int32_t channel = 0;
    for (; channel + 4 <= out_n; channel += 4) {
        int32_t acc[4] = {0, 0, 0, 0};
        w = fg_dot4(p, w, acc);
        out[0] = fg_requantize(&rows->requant, channel, acc[0] + even_bias + bias[0]);
        out[1] = fg_requantize(&rows->requant, channel + 1, acc[1] + bias[1]);
        out[2] = fg_requantize(&rows->requant, channel + 2, acc[2] + even_bias + bias[2]);
        out[3] = fg_requantize(&rows->requant, channel + 3, acc[3] + bias[3]);
        bias += 4;
        out += 4;
    }
    for (; channel < out_n; channel++) {
        int32_t acc = *bias++;
        w = fg_dot1(p, w, &acc);
        *out++ = fg_requantize(&rows->requant, channel, acc);
    }
}
