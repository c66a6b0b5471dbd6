#include "output.h"
#include "in_order.h"
#include "dsp_blocks.h"
#include "thumb1.h"

/* A layer's rows of weights, packed for four outputs at a time.
 *
 * A block of 16 bytes has four taps of four rows. Rows 0 and 1 share halfwords, as do rows 2 and 3:
 * the low byte is the even row's weight + 128 (unsigned), the high byte the odd row's (signed); taps
 * 0 and 2 come before taps 1 and 3, as SXTB16 splits the inputs. A product with the halfword is both
 * rows' at once; taking 256 times the odd row's away leaves the even row's, modulo 2^32. Rows left
 * over (fewer than four) follow as they are. Each row is filled up with zeros to whole blocks. */
typedef struct {
    const int8_t *weights;
    const fg_channel *channels;
    fg_range range;
    int32_t out_n;
} fg_rows;

/* What a row meets: inputs side by side up to `end`, a whole number of blocks, and the four at
 * `last` if that is not NULL. */
typedef struct {
    const int8_t *x, *end, *last;
} fg_taps;

static inline uint32_t fg_sum_blocks(const int8_t *x, const int8_t *end, uint32_t sum)
{
    FG_KEEP_ROLLED
    for (; x != end; x += 4) {
#if FG_SIMD
        const uint32_t word = fg_word(x);
        sum = fg_smlad(fg_sxtb16(word), 0x00010001u, sum);
        sum = fg_smlad(fg_sxtb16_odd(word), 0x00010001u, sum);
#else
        sum += (uint32_t)(x[0] + x[1] + x[2] + x[3]);
#endif
    }
    return sum;
}

/* The products of four inputs with four rows; with FG_SIMD those of the odd rows are 256 times in
 * the even rows' too. */
static inline void fg_block(const int8_t *x, const int8_t *w, uint32_t acc[4])
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
#elif FG_THUMB1
    FG_THUMB1_TAP(x, 0, w, 0, acc);
    FG_THUMB1_TAP(x, 2, w, 2, acc);
    FG_THUMB1_TAP(x, 1, w, 8, acc);
    FG_THUMB1_TAP(x, 3, w, 10, acc);
#else
    const uint8_t *u = (const uint8_t *)w;
    const int32_t x0 = x[0];
    acc[0] += (uint32_t)(x0 * u[0]);
    acc[1] += (uint32_t)(x0 * w[1]);
    acc[2] += (uint32_t)(x0 * u[4]);
    acc[3] += (uint32_t)(x0 * w[5]);
    FG_NOT_BEFORE(x, acc);
    const int32_t x2 = x[2];
    acc[0] += (uint32_t)(x2 * u[2]);
    acc[1] += (uint32_t)(x2 * w[3]);
    acc[2] += (uint32_t)(x2 * u[6]);
    acc[3] += (uint32_t)(x2 * w[7]);
    FG_NOT_BEFORE(x, acc);
    const int32_t x1 = x[1];
    acc[0] += (uint32_t)(x1 * u[8]);
    acc[1] += (uint32_t)(x1 * w[9]);
    acc[2] += (uint32_t)(x1 * u[12]);
    acc[3] += (uint32_t)(x1 * w[13]);
    FG_NOT_BEFORE(x, acc);
    const int32_t x3 = x[3];
    acc[0] += (uint32_t)(x3 * u[10]);
    acc[1] += (uint32_t)(x3 * w[11]);
    acc[2] += (uint32_t)(x3 * u[14]);
    acc[3] += (uint32_t)(x3 * w[15]);
    FG_NOT_BEFORE(x, acc);
#endif
}

/* The products of inputs with four packed rows; returns where the next four begin. */
static inline const int8_t *fg_dot4(const fg_taps *t, const int8_t *w, uint32_t acc[4])
{
    const int8_t *x = t->x;
    const int8_t *const end = t->end;
    if (((end - x) & 4) != 0) {
        fg_block(x, w, acc);
        x += 4;
        w += 16;
    }
#if FG_DSP
    if (x != end) {
        FG_DSP_BLOCKS(x, end, w, acc);
    }
#else
    FG_KEEP_ROLLED
    while (x != end) {
        fg_block(x, w, acc);
        fg_block(x + 4, w + 16, acc);
        x += 8;
        w += 32;
    }
#endif
    if (t->last != NULL) {
        fg_block(t->last, w, acc);
        w += 16;
    }
#if FG_SIMD
    acc[0] -= acc[1] << 8;
    acc[2] -= acc[3] << 8;
#endif
    return w;
}

static inline uint32_t fg_dot_block(const int8_t *x, const int8_t *w, uint32_t acc)
{
#if FG_SIMD
    const uint32_t word = fg_word(x);
    const uint32_t weight = fg_aligned_word(w);
    acc = fg_smlad(fg_sxtb16(word), fg_sxtb16(weight), acc);
    return fg_smlad(fg_sxtb16_odd(word), fg_sxtb16_odd(weight), acc);
#else
    return acc + (uint32_t)(x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3]);
#endif
}

/* The products of inputs with one row; returns where the next begins. */
static inline const int8_t *fg_dot1(const fg_taps *t, const int8_t *w, int32_t *sum)
{
    const int8_t *x = t->x;
    uint32_t acc = 0;
    FG_KEEP_ROLLED
    for (; x != t->end; x += 4) {
        acc = fg_dot_block(x, w, acc);
        w += 4;
    }
    if (t->last != NULL) {
        acc = fg_dot_block(t->last, w, acc);
        w += 4;
    }
    *sum = (int32_t)acc;
    return w;
}

/* All outputs of the inputs. These are read again for every four outputs, so none may be
 * overwritten before the last. */
static FG_NOINLINE void fg_rows_s8(const fg_rows *rows, const fg_taps *t, int8_t *out)
{
    const int8_t *w = rows->weights;
    const fg_channel *channel = rows->channels;
    const int8_t *const end = out + rows->out_n;
    const int8_t *const fours = out + (rows->out_n & ~3);
    if (out != fours) {
        uint32_t sum = fg_sum_blocks(t->x, t->end, 0);
        if (t->last != NULL) {
            sum = fg_sum_blocks(t->last, t->last + 4, sum);
        }
        const uint32_t even = 0u - (sum << 7);
        FG_KEEP_ROLLED
        while (out != fours) {
            uint32_t acc[4] = {even, 0, even, 0};
            w = fg_dot4(t, w, acc);
            out[0] = fg_output(&channel[0], &rows->range, (int32_t)acc[0]);
            out[1] = fg_output(&channel[1], &rows->range, (int32_t)acc[1]);
            out[2] = fg_output(&channel[2], &rows->range, (int32_t)acc[2]);
            out[3] = fg_output(&channel[3], &rows->range, (int32_t)acc[3]);
            channel += 4;
            out += 4;
        }
    }
    FG_KEEP_ROLLED
    while (out != end) {
        int32_t acc;
        w = fg_dot1(t, w, &acc);
        *out++ = fg_output(channel++, &rows->range, acc);
    }
}
