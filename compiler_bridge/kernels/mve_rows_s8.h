#include "dot_s8.h"
#include "packed_s8.h"

#if FG_MVE
/* All weights have a sign. */
#define fg_first_sum(t) 0u

/* One of the four rows in some blocks. */
static inline int8x16_t fg_mve_row(const int8_t *w, int32_t row, mve_pred16_t blocks)
{
    const int32_t *words = (const int32_t *)(const void *)w + row;
    const uint32x4_t places = vidupq_n_u32(0, 4);
    return vreinterpretq_s8_s32(vldrwq_gather_shifted_offset_z_s32(words, places, blocks));
}

/* The products of inputs with four packed rows; returns where the next four begin. VLD4 takes blocks
 * apart into rows, four blocks at a time; fewer are gathered, as it would read beyond them. */
static inline const int8_t *fg_dot4(const fg_taps *t, const int8_t *w, uint32_t first, int32_t sums[4])
{
    const int8_t *x = t->x;
    const int32_t n = (int32_t)(t->end - x);
    int32_t acc[4] = {(int32_t)first, (int32_t)first, (int32_t)first, (int32_t)first};
    FG_KEEP_ROLLED
    for (int32_t whole = n >> 4; whole > 0; whole--) {
        const int32x4x4_t rows = vld4q_s32((const int32_t *)(const void *)w);
        const int8x16_t taps = vldrbq_s8(x);
        acc[0] = vmladavaq_s8(acc[0], taps, vreinterpretq_s8_s32(rows.val[0]));
        acc[1] = vmladavaq_s8(acc[1], taps, vreinterpretq_s8_s32(rows.val[1]));
        acc[2] = vmladavaq_s8(acc[2], taps, vreinterpretq_s8_s32(rows.val[2]));
        acc[3] = vmladavaq_s8(acc[3], taps, vreinterpretq_s8_s32(rows.val[3]));
        x += 16;
        w += 64;
    }
    const uint32_t rest = (uint32_t)n & 15u;
    if (rest != 0) {
        const mve_pred16_t blocks = vctp32q((rest + 3u) >> 2);
        const int8x16_t taps = vldrbq_z_s8(x, vctp8q(rest));
        acc[0] = vmladavaq_s8(acc[0], taps, fg_mve_row(w, 0, blocks));
        acc[1] = vmladavaq_s8(acc[1], taps, fg_mve_row(w, 1, blocks));
        acc[2] = vmladavaq_s8(acc[2], taps, fg_mve_row(w, 2, blocks));
        acc[3] = vmladavaq_s8(acc[3], taps, fg_mve_row(w, 3, blocks));
        w += 4u * ((rest + 3u) & ~3u);
    }
    sums[0] = acc[0];
    sums[1] = acc[1];
    sums[2] = acc[2];
    sums[3] = acc[3];
    return w;
}

/* The products of inputs with one row; returns where the next begins. */
static inline const int8_t *fg_dot1(const fg_taps *t, const int8_t *w, int32_t *sum)
{
    const int32_t n = (int32_t)(t->end - t->x);
    *sum = fg_dot_s8(t->x, w, n);
    return w + ((n + 3) & ~3);
}
#endif
