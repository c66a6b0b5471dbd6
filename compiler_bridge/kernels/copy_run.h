#include "simd.h"

/* n bytes; vectors spare the call. */
static inline void fg_copy_run(uint8_t *to, const uint8_t *from, int32_t n)
{
#if FG_MVE
    for (; n > 0; n -= 16) {
        const mve_pred16_t some = vctp8q((uint32_t)n);
        vstrbq_p_u8(to, vldrbq_z_u8(from, some), some);
        from += 16;
        to += 16;
    }
#else
    memcpy(to, from, (size_t)n);
#endif
}
