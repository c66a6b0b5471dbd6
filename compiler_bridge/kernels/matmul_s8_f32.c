#include "factor.h"
#include "matmul_sum_s8.h"

/* The product of two int8 matrices, as reals. */
typedef struct {
    float scale;
    fg_matrices_s8 matrices;
} fg_matmul_s8_f32_t;

static void fg_matmul_s8_f32(const fg_matmul_s8_f32_t *p, const int8_t *a, const int8_t *b, float *out)
{
    const float scale = fg_factor(p->scale);
    FG_MATMUL_SUMS(&p->matrices, a, b, { *out++ = (float)sum * scale; })
}
