#include "clamp.h"

/* A function of an int16 value by the ends of 512 straight lines (TensorFlow Lite). */
static inline int32_t fg_between_points(const int16_t *table, int32_t x)
{
    const int32_t clamped = fg_clamp(x, -32768, 32767);
    const int16_t *at = table + ((clamped + 32768) >> 7);
    const int32_t rise = at[1] - at[0];
    return at[0] + ((rise * (clamped & 0x7f) + 64) >> 7);
}
