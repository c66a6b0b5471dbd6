#include "packed_s8.h"
#include "in_order.h"
#include "dsp_blocks.h"

#if !FG_MVE
#if !FG_THUMB1
#if FG_SIMD
static inline uint32_t fg_sum_blocks(const int8_t *x, const int8_t *end, uint32_t sum)
{
    FG_KEEP_ROLLED
    for (; x != end; x += 4) {
        const uint32_t word = fg_word(x);
        sum = fg_smlad(fg_sxtb16(word), 0x00010001u, sum);
        sum = fg_smlad(fg_sxtb16_odd(word), 0x00010001u, sum);
    }
    return sum;
}

/* What the products of unsigned weights begin with: less the 128 in each of them. */
static inline uint32_t fg_first_sum(const fg_taps *t)
{
    uint32_t sum = fg_sum_blocks(t->x, t->end, 0);
    if (t->last != NULL) {
        sum = fg_sum_blocks(t->last, t->last + 4, sum);
    }
    return 0u - (sum << 7);
}
#else
/* All weights have a sign. */
#define fg_first_sum(t) 0u
#endif

#if FG_SIMD && !FG_DSP
/* Adds the products of four inputs with four rows, those of the odd rows 256 times to those of the
 * even rows, too. */
static inline void fg_block(const int8_t *x, const int8_t *w, uint32_t acc[4])
{
    const uint32_t word = fg_word(x);
    for (int32_t odd = 0; odd < 2; odd++) {
        const uint32_t taps = odd != 0 ? fg_sxtb16_odd(word) : fg_sxtb16(word);
        const uint32_t w0 = fg_aligned_word(w + 8 * odd);
        const uint32_t w1 = fg_aligned_word(w + 8 * odd + 4);
        acc[0] = fg_smlad(taps, w0, acc[0]);
        acc[1] = fg_smlad(taps, fg_sxtb16_odd(w0), acc[1]);
        acc[2] = fg_smlad(taps, w1, acc[2]);
        acc[3] = fg_smlad(taps, fg_sxtb16_odd(w1), acc[3]);
    }
}
#elif !FG_DSP
/* Adds the products of an input with a tap of four rows. */
static inline void fg_tap(int32_t x, const int8_t *w, uint32_t acc[4])
{
    acc[0] += (uint32_t)(x * w[0]);
    acc[1] += (uint32_t)(x * w[4]);
    acc[2] += (uint32_t)(x * w[8]);
    acc[3] += (uint32_t)(x * w[12]);
}

/* Adds the products of four inputs with four rows. */
#define fg_block(x, w, acc)                                                                        \
    do {                                                                                           \
        fg_tap((x)[0], (w), acc);                                                                  \
        FG_NOT_BEFORE(x, w, acc);                                                                  \
        fg_tap((x)[1], (w) + 1, acc);                                                              \
        FG_NOT_BEFORE(x, w, acc);                                                                  \
        fg_tap((x)[2], (w) + 2, acc);                                                              \
        FG_NOT_BEFORE(x, w, acc);                                                                  \
        fg_tap((x)[3], (w) + 3, acc);                                                              \
    } while (0)
#endif

/* Adds the products of blocks of inputs, not 0, with four rows; returns where these go on. */
static inline const int8_t *fg_blocks(const int8_t *x, const int8_t *end, const int8_t *w,
                                      uint32_t acc[4])
{
#if FG_DSP
    FG_DSP_BLOCKS(x, end, w, acc);
#else
    FG_KEEP_ROLLED
    do {
        fg_block(x, w, acc);
        x += 4;
        w += 16;
    } while (x != end);
#endif
    return w;
}

/* The products of inputs with four packed rows; returns where the next four begin. */
static inline const int8_t *fg_dot4(const fg_taps *t, const int8_t *w, uint32_t first, int32_t sums[4])
{
    uint32_t acc[4] = {first, FG_SIMD ? 0u : first, first, FG_SIMD ? 0u : first};
    const int8_t *x = t->x;
    const int8_t *end = t->end;
    const int8_t *last = t->last;
    FG_KEEP_ROLLED
    for (;;) {
        if (x != end) {
            w = fg_blocks(x, end, w, acc);
        }
        if (last == NULL) {
            break;
        }
        x = last;
        end = last + 4;
        last = NULL;
    }
#if FG_SIMD
    acc[0] -= acc[1] << 8;
    acc[2] -= acc[3] << 8;
#endif
    sums[0] = (int32_t)acc[0];
    sums[1] = (int32_t)acc[1];
    sums[2] = (int32_t)acc[2];
    sums[3] = (int32_t)acc[3];
    return w;
}
#endif

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
#endif
