#include "copy_run.h"
#include "mve_values.h"

/* Copies runs of contiguous bytes between two layouts: transpose, slice, concatenate, split, pad
 * and pack are all this loop with other strides. All counts are in bytes. */
typedef struct {
    int32_t size[4];
    int32_t in_stride[4];
    int32_t out_stride[4];
    int32_t in_offset, out_offset;
    int32_t run;
} fg_copy_nd_t;

#if FG_MVE
/* Runs of one byte, or of one word where all lie at multiples of four; false where they are others. */
static inline bool fg_mve_copy_runs(const fg_copy_nd_t *p, const uint8_t *from, uint8_t *to)
{
    const int32_t in_stride = p->in_stride[3], out_stride = p->out_stride[3];
    const uintptr_t places = (uintptr_t)from | (uintptr_t)to | (uintptr_t)in_stride | (uintptr_t)out_stride;
    if (p->run != 1 && (p->run != 4 || (places & 3u) != 0u)) {
        return false;
    }
    const uint32x4_t in_places = fg_mve_places(in_stride), out_places = fg_mve_places(out_stride);
    for (int32_t n = p->size[3]; n > 0; n -= 4) {
        const mve_pred16_t some = vctp32q((uint32_t)n);
        if (p->run == 1) {
            const uint32x4_t x = vldrbq_gather_offset_z_u32(from, in_places, some);
            vstrbq_scatter_offset_p_u32(to, out_places, x, some);
        } else {
            const uint32_t *words = (const uint32_t *)(const void *)from;
            const uint32x4_t x = vldrwq_gather_offset_z_u32(words, in_places, some);
            vstrwq_scatter_offset_p_u32((uint32_t *)(void *)to, out_places, x, some);
        }
        from += 4 * in_stride;
        to += 4 * out_stride;
    }
    return true;
}
#endif

/* Those of the last axis. */
static inline void fg_copy_runs(const fg_copy_nd_t *p, const uint8_t *from, uint8_t *to)
{
#if FG_MVE
    if (fg_mve_copy_runs(p, from, to)) {
        return;
    }
#endif
    for (int32_t i = 0; i < p->size[3]; i++) {
        fg_copy_run(to, from, p->run);
        from += p->in_stride[3];
        to += p->out_stride[3];
    }
}

static void fg_copy_nd(const fg_copy_nd_t *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t i0 = 0; i0 < p->size[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->size[1]; i1++) {
            for (int32_t i2 = 0; i2 < p->size[2]; i2++) {
                const uint8_t *from = in + p->in_offset + i0 * p->in_stride[0]
                                      + i1 * p->in_stride[1] + i2 * p->in_stride[2];
                uint8_t *to = out + p->out_offset + i0 * p->out_stride[0] + i1 * p->out_stride[1]
                              + i2 * p->out_stride[2];
                fg_copy_runs(p, from, to);
            }
        }
    }
}
