#include "packed_s8.h"

/* Rows of weights in 4 or 2 bits, those of four outputs at a time. What a word holds is, from its low
 * bits on: rows 0 and 1 of taps 0 and 2, a byte each; rows 2 and 3 of these; and the same of taps 1
 * and 3, for which 4 bits take a second word. All are less their least value, that is, they have no
 * sign. Rows and taps are filled up to whole blocks.
 *
 * FG_LOW_BITS says how many bits there are in this model: 4, 2, or 6 for both. */

/* Adds the products of a pair of inputs with four rows, each in a byte of one of two words. */
#if FG_SIMD
static inline void fg_low_pair(uint32_t taps, uint32_t w0, uint32_t w1, uint32_t acc[4])
{
    acc[0] = fg_smlad(taps, w0, acc[0]);
    acc[1] = fg_smlad(taps, fg_sxtb16_odd(w0), acc[1]);
    acc[2] = fg_smlad(taps, w1, acc[2]);
    acc[3] = fg_smlad(taps, fg_sxtb16_odd(w1), acc[3]);
}
#else
static inline void fg_low_tap(int32_t x, const uint8_t *w, int32_t at, int32_t bits, uint32_t acc[4])
{
    const int32_t most = (1 << bits) - 1;
    acc[0] += (uint32_t)(x * ((w[0] >> at) & most));
    acc[1] += (uint32_t)(x * ((w[1] >> at) & most));
    acc[2] += (uint32_t)(x * ((w[0] >> (at + bits)) & most));
    acc[3] += (uint32_t)(x * ((w[1] >> (at + bits)) & most));
}
#endif

/* Adds the products of four inputs with four rows. */
static inline void fg_low_block(const int8_t *x, const uint8_t *w, int32_t bits, uint32_t acc[4])
{
#if FG_SIMD
    const uint32_t mask = bits == 4 ? 0x0F0F0F0Fu : 0x03030303u;
    const uint32_t word = fg_word(x);
    uint32_t weights = fg_aligned_word((const int8_t *)w);
    fg_low_pair(fg_sxtb16(word), weights & mask, (weights >> bits) & mask, acc);
    weights = bits == 4 ? fg_aligned_word((const int8_t *)w + 4) : weights >> 4;
    fg_low_pair(fg_sxtb16_odd(word), weights & mask, (weights >> bits) & mask, acc);
#else
    const int32_t at = bits == 4 ? 0 : 4;
    const uint8_t *odd = bits == 4 ? w + 4 : w;
    fg_low_tap(x[0], w, 0, bits, acc);
    fg_low_tap(x[2], w + 2, 0, bits, acc);
    fg_low_tap(x[1], odd, at, bits, acc);
    fg_low_tap(x[3], odd + 2, at, bits, acc);
#endif
}

#if FG_MVE
/* Adds the products of eight inputs with four rows, rows 0 and 1 in the low bits, byte by byte. */
static inline void fg_low_eight(int16x8_t taps, uint8x16_t w, int32_t bits, int32_t acc[4])
{
    const uint8x16_t mask = vdupq_n_u8((uint8_t)((1 << bits) - 1));
    const uint8x16_t low = vandq_u8(w, mask);
    const uint8x16_t high = vandq_u8(vshlq_r_u8(w, -bits), mask);
    acc[0] = vmladavaq_s16(acc[0], taps, vreinterpretq_s16_u16(vmovlbq_u8(low)));
    acc[1] = vmladavaq_s16(acc[1], taps, vreinterpretq_s16_u16(vmovltq_u8(low)));
    acc[2] = vmladavaq_s16(acc[2], taps, vreinterpretq_s16_u16(vmovlbq_u8(high)));
    acc[3] = vmladavaq_s16(acc[3], taps, vreinterpretq_s16_u16(vmovltq_u8(high)));
}

/* Adds the products of sixteen inputs with four rows. */
static inline void fg_low_sixteen(const int8_t *x, const uint8_t *w, int32_t bits, uint32_t acc[4])
{
    const int8x16_t taps = vldrbq_s8(x);
    int32_t sums[4] = {(int32_t)acc[0], (int32_t)acc[1], (int32_t)acc[2], (int32_t)acc[3]};
    if (bits == 4) {
        const uint32x4x2_t words = vld2q_u32((const uint32_t *)(const void *)w);
        fg_low_eight(vmovlbq_s8(taps), vreinterpretq_u8_u32(words.val[0]), bits, sums);
        fg_low_eight(vmovltq_s8(taps), vreinterpretq_u8_u32(words.val[1]), bits, sums);
    } else {
        const uint8x16_t words = vldrbq_u8(w);
        fg_low_eight(vmovlbq_s8(taps), words, bits, sums);
        fg_low_eight(vmovltq_s8(taps), vshrq_n_u8(words, 4), bits, sums);
    }
    acc[0] = (uint32_t)sums[0];
    acc[1] = (uint32_t)sums[1];
    acc[2] = (uint32_t)sums[2];
    acc[3] = (uint32_t)sums[3];
}
#endif

/* The products of inputs with four rows; returns where the next four begin. */
static inline const uint8_t *fg_low_dot4(const fg_taps *t, const uint8_t *w, int32_t bits, int32_t sum,
                                         int32_t sums[4])
{
    uint32_t acc[4] = {0, 0, 0, 0};
    const int8_t *x = t->x;
#if FG_MVE
    FG_KEEP_ROLLED
    for (; t->end - x >= 16; x += 16) {
        fg_low_sixteen(x, w, bits, acc);
        w += 8 * bits;
    }
#endif
    FG_KEEP_ROLLED
    for (; x != t->end; x += 4) {
        fg_low_block(x, w, bits, acc);
        w += 2 * bits;
    }
    if (t->last != NULL) {
        fg_low_block(t->last, w, bits, acc);
        w += 2 * bits;
    }
#if FG_SIMD
    acc[0] -= acc[1] << 8;
    acc[2] -= acc[3] << 8;
#endif
    const uint32_t less = (uint32_t)sum << (bits - 1);
    sums[0] = (int32_t)(acc[0] - less);
    sums[1] = (int32_t)(acc[1] - less);
    sums[2] = (int32_t)(acc[2] - less);
    sums[3] = (int32_t)(acc[3] - less);
    return w;
}

/* What the least value of a weight counts: the sum of all inputs. */
static inline int32_t fg_low_sum(const fg_taps *t)
{
    int32_t sum = 0;
    FG_KEEP_ROLLED
    for (const int8_t *x = t->x; x != t->end; x++) {
        sum += *x;
    }
    for (int32_t i = 0; t->last != NULL && i < 4; i++) {
        sum += t->last[i];
    }
    return sum;
}

static FG_NOINLINE void fg_rows_low(const fg_rows *rows, const fg_taps *t, int8_t *out)
{
    const uint8_t *w = (const uint8_t *)rows->weights;
    const fg_channel *channel = rows->channels;
    const int32_t sum = fg_low_sum(t);
    FG_KEEP_ROLLED
    for (int32_t left = rows->out_n; left > 0; left -= 4) {
        int32_t sums[4];
#if FG_LOW_BITS == 6
        w = rows->bits == 4 ? fg_low_dot4(t, w, 4, sum, sums) : fg_low_dot4(t, w, 2, sum, sums);
#else
        w = fg_low_dot4(t, w, FG_LOW_BITS, sum, sums);
#endif
        if (left >= 4) {
            fg_output4(channel, &rows->range, sums, out);
            channel += 4;
            out += 4;
            continue;
        }
        for (int32_t i = 0; i < left; i++) {
            *out++ = fg_output(channel++, &rows->range, sums[i]);
        }
    }
}
