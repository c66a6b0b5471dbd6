#include "simd.h"

/* Any function of one int8 value as a table, indexed by the value + 128. */
typedef struct {
    const int8_t *table;
    int32_t n;
} fg_lookup_s8_t;

static void fg_lookup_s8(const fg_lookup_s8_t *p, const int8_t *in, int8_t *out)
{
#if FG_MVE
    for (int32_t i = 0; i < p->n; i += 16) {
        const mve_pred16_t some = vctp8q((uint32_t)(p->n - i));
        const int8x16_t x = vldrbq_z_s8(in + i, some);
        const uint8x16_t at = veorq_u8(vreinterpretq_u8_s8(x), vdupq_n_u8(0x80));
        vstrbq_p_s8(out + i, vldrbq_gather_offset_z_s8(p->table, at, some), some);
    }
#else
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = p->table[in[i] + 128];
    }
#endif
}
