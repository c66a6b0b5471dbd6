#include "requantize.h"
#include "matmul_sum_s8.h"

/* The product of two int8 matrices, requantized. */
typedef struct {
    fg_requant requant;
    fg_matrices_s8 matrices;
} fg_matmul_s8_t;

static void fg_matmul_s8(const fg_matmul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    FG_MATMUL_SUMS(&p->matrices, a, b, { *out++ = fg_requantize(&p->requant, 0, sum); })
}
