#include "clamp.h"
#include "inverse_root.h"
#include "multiply_fixed.h"

/* Each row divided by its length, in steps of 1/128. */
typedef struct {
    int32_t rows, n, zero_point;
} fg_l2_normalize_s8_t;

static void fg_l2_normalize_s8(const fg_l2_normalize_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0;
        for (int32_t i = 0; i < p->n; i++) {
            sum += (in[i] - p->zero_point) * (in[i] - p->zero_point);
        }
        const fg_inverse_root root = fg_inverse_root_of(sum);
        for (int32_t i = 0; i < p->n; i++) {
            const int32_t y = fg_multiply(*in++ - p->zero_point, root.multiplier, root.shift + 7);
            *out++ = (int8_t)fg_clamp(y, -128, 127);
        }
    }
}
