#include "simd.h"

/* Sum of x[i] * w[i]; the caller has shown that it fits 32 bits. */
static inline FG_MAY_BE_UNUSED int32_t fg_dot_s8(const int8_t *x, const int8_t *w, int32_t n)
{
    int32_t acc = 0;
#if FG_MVE
    FG_KEEP_ROLLED
    for (; n > 0; n -= 16) {
        const mve_pred16_t some = vctp8q((uint32_t)n);
        acc = vmladavaq_p_s8(acc, vldrbq_z_s8(x, some), vldrbq_z_s8(w, some), some);
        x += 16;
        w += 16;
    }
#else
    for (; n >= 4; n -= 4) {
        acc += x[0] * w[0];
        acc += x[1] * w[1];
        acc += x[2] * w[2];
        acc += x[3] * w[3];
        x += 4;
        w += 4;
    }
    for (; n > 0; n--) {
        acc += *x++ * *w++;
    }
#endif
    return acc;
}
