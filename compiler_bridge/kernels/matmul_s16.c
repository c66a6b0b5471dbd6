#include "requantize_wide.h"

/* a x b of int16 matrices that may both be computed, see matmul_fixed_s8.c. */
typedef struct {
    int32_t batch[3];
    int32_t rows, columns, inner;
    int32_t a_batch[3], a_row, a_inner;
    int32_t b_batch[3], b_inner, b_column;
    fg_requant_wide scaling;
} fg_matmul_s16_t;

static int64_t fg_matmul_sum_s16(const fg_matmul_s16_t *p, const int16_t *a, const int16_t *b)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < p->inner; i++) {
        sum += *a * *b;
        a += p->a_inner;
        b += p->b_inner;
    }
    return sum;
}

static void fg_matmul_s16(const fg_matmul_s16_t *p, const int16_t *a, const int16_t *b, int16_t *out)
{
    for (int32_t i0 = 0; i0 < p->batch[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->batch[1]; i1++) {
            for (int32_t i2 = 0; i2 < p->batch[2]; i2++) {
                const int16_t *left = a + i0 * p->a_batch[0] + i1 * p->a_batch[1] + i2 * p->a_batch[2];
                const int16_t *right = b + i0 * p->b_batch[0] + i1 * p->b_batch[1] + i2 * p->b_batch[2];
                for (int32_t y = 0; y < p->rows; y++) {
                    for (int32_t x = 0; x < p->columns; x++) {
                        const int64_t sum =
                            fg_matmul_sum_s16(p, left + y * p->a_row, right + x * p->b_column);
                        *out++ = fg_requantize_wide(&p->scaling, 0, sum);
                    }
                }
            }
        }
    }
}
