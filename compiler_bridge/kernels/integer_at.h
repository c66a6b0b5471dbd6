#include "simd.h"

/* Integers of 1, 2 or 4 bytes. */
static inline FG_MAY_BE_UNUSED int32_t fg_integer_at(const void *in, int32_t bytes, int32_t i)
{
    return bytes == 1   ? ((const int8_t *)in)[i]
           : bytes == 2 ? ((const int16_t *)in)[i]
                        : ((const int32_t *)in)[i];
}

static inline FG_MAY_BE_UNUSED void fg_set_integer(void *out, int32_t bytes, int32_t i, int32_t value)
{
    if (bytes == 1) {
        ((int8_t *)out)[i] = (int8_t)value;
    } else if (bytes == 2) {
        ((int16_t *)out)[i] = (int16_t)value;
    } else {
        ((int32_t *)out)[i] = value;
    }
}

#if FG_MVE
/* Some of four. */
static inline FG_MAY_BE_UNUSED int32x4_t fg_mve_integers_at(const void *in, int32_t bytes, int32_t i,
                                                            mve_pred16_t some)
{
    return bytes == 1   ? vldrbq_z_s32((const int8_t *)in + i, some)
           : bytes == 2 ? vldrhq_z_s32((const int16_t *)in + i, some)
                        : vldrwq_z_s32((const int32_t *)in + i, some);
}

static inline FG_MAY_BE_UNUSED void fg_mve_set_integers(void *out, int32_t bytes, int32_t i,
                                                        int32x4_t values, mve_pred16_t some)
{
    if (bytes == 1) {
        vstrbq_p_s32((int8_t *)out + i, values, some);
    } else if (bytes == 2) {
        vstrhq_p_s32((int16_t *)out + i, values, some);
    } else {
        vstrwq_p_s32((int32_t *)out + i, values, some);
    }
}
#endif
