#include "matmul_sum_s8.h"

/* The product of two int8 matrices whose zero points are in memory. */
typedef struct {
    fg_matrices_s8 matrices;
} fg_matmul_dynamic_s32_t;

static void fg_matmul_dynamic_s32(const fg_matmul_dynamic_s32_t *p, const int8_t *a, const int8_t *a_zero,
                                  const int8_t *b, const int8_t *b_zero, int32_t *out)
{
    fg_matrices_s8 matrices = p->matrices;
    matrices.a_zero_point = *a_zero;
    matrices.b_zero_point = *b_zero;
    FG_MATMUL_SUMS(&matrices, a, b, { *out++ = sum; })
}
