#include "dynamic_range.h"

/* float32 to 8 bits, with the scale and the zero point that their range gives. */
typedef struct {
    int32_t n;
} fg_quantize_dynamic_t;

static void fg_quantize_dynamic(const fg_quantize_dynamic_t *p, const float *in, int8_t *out, float *scale,
                                int8_t *zero_point)
{
    fg_quantize_by_range(in, p->n, out, scale, zero_point);
}
