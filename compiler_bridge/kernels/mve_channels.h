#include "simd.h"

#if FG_MVE
/* A member, 32 bits wide, of four channels that are `step` of them apart. */
#define FG_MVE_MEMBER(type, member, step)                                                          \
    vldrwq_gather_shifted_offset_##type((member), vmulq_n_u32(vidupq_n_u32(0, 1),                  \
                                                              (step) * sizeof(fg_channel) / 4))

/* Four outputs in the range of the layer. */
static inline FG_MAY_BE_UNUSED void fg_mve_store4(int32x4_t y, int32_t low, int32_t high, int8_t *out)
{
    vstrbq_s32(out, vminq_s32(vmaxq_s32(y, vdupq_n_s32(low)), vdupq_n_s32(high)));
}

/* Eight outputs, first those of even channels, then those of odd ones. */
static inline FG_MAY_BE_UNUSED void fg_mve_store8(int32x4_t even, int32x4_t odd, int32_t low,
                                                  int32_t high, int8_t *out)
{
    const int16x8_t y = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), even), odd);
    const int16x8_t least = vdupq_n_s16((int16_t)low);
    const int16x8_t most = vdupq_n_s16((int16_t)high);
    vstrbq_s16(out, vminq_s16(vmaxq_s16(y, least), most));
}
#endif
