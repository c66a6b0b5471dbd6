#include "fixed_point.h"
#include "one_over.h"
#include "mve_values.h"

/* The reciprocal of a row's sum of exponentials: scale * 2^(headroom - 31). */
typedef struct {
    int32_t scale;
    int32_t headroom;
} fg_softmax_share;

#if FG_MVE
/* The exponentials of some of four values, 0 for those that count as nothing. */
static inline int32x4_t fg_mve_exponentials(const int32_t *exp, int32_t last, const int8_t *in,
                                            int32_t max, mve_pred16_t some)
{
    const int32x4_t d = vsubq_s32(vdupq_n_s32(max), vldrbq_z_s32(in, some));
    const mve_pred16_t count = vcmpleq_m_n_s32(d, last, some);
    return vldrwq_gather_shifted_offset_z_s32(exp, vreinterpretq_u32_s32(d), count);
}

/* Their shares, none of which is negative. */
static inline int32x4_t fg_mve_shares(int32x4_t exp, int32_t scale, int32_t shift)
{
    return vrshlq_s32(vqrdmulhq_n_s32(exp, scale), vdupq_n_s32(-shift));
}
#endif

static inline int32_t fg_softmax_max(const int8_t *in, int32_t columns)
{
#if FG_MVE
    int8_t max = -128;
    for (int32_t i = 0; i < columns; i += 16) {
        const mve_pred16_t some = vctp8q((uint32_t)(columns - i));
        max = vmaxvq_p_s8(max, vldrbq_z_s8(in + i, some), some);
    }
#else
    int32_t max = -128;
    for (int32_t i = 0; i < columns; i++) {
        max = in[i] > max ? in[i] : max;
    }
#endif
    return max;
}

/* exp[d] is e^(-d * beta * scale) in Q0.31 for a value d below the maximum; beyond `last` it counts
 * as nothing. */
static fg_softmax_share fg_softmax_fixed_share(const int32_t *exp, int32_t last, const int8_t *in,
                                               int32_t columns, int32_t max)
{
    int32_t sum = 0; /* Q12.19 */
#if FG_MVE
    for (int32_t i = 0; i < columns; i += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(columns - i));
        sum = vaddvaq_s32(sum, vrshrq_n_s32(fg_mve_exponentials(exp, last, in + i, max, some), 12));
    }
#else
    for (int32_t i = 0; i < columns; i++) {
        if (max - in[i] <= last) {
            sum += fg_rounding_shift_right(exp[max - in[i]], 12);
        }
    }
#endif
    fg_softmax_share share = {0, 0};
    while (((uint32_t)sum << share.headroom & 0x80000000u) == 0u) {
        share.headroom++;
    }
    share.scale = fg_one_over_one_plus((int32_t)(((uint32_t)sum << share.headroom) - 0x80000000u));
    return share;
}
