#include "clamp.h"
#include "multiply_fixed.h"

/* a x b of int8 matrices that are both computed. Strides are in elements, 0 where an operand is
 * broadcast; a is rows x inner, b is inner x columns. */
typedef struct {
    int32_t batch[3];
    int32_t rows, columns, inner;
    int32_t a_batch[3], a_row, a_inner;
    int32_t b_batch[3], b_inner, b_column;
    int32_t a_offset, b_offset, out_zero_point, multiplier, shift;
} fg_matmul_fixed_s8_t;

static inline int32_t fg_matmul_point_s8(const fg_matmul_fixed_s8_t *p, const int8_t *a,
                                         const int8_t *b)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < p->inner; i++) {
        sum += (*a + p->a_offset) * (*b + p->b_offset);
        a += p->a_inner;
        b += p->b_inner;
    }
    return fg_clamp(fg_multiply(sum, p->multiplier, p->shift) + p->out_zero_point, -128, 127);
}

static void fg_matmul_fixed_s8(const fg_matmul_fixed_s8_t *p, const int8_t *a, const int8_t *b,
                               int8_t *out)
{
    for (int32_t i0 = 0; i0 < p->batch[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->batch[1]; i1++) {
            for (int32_t i2 = 0; i2 < p->batch[2]; i2++) {
                const int8_t *left = a + i0 * p->a_batch[0] + i1 * p->a_batch[1] + i2 * p->a_batch[2];
                const int8_t *right = b + i0 * p->b_batch[0] + i1 * p->b_batch[1] + i2 * p->b_batch[2];
                for (int32_t y = 0; y < p->rows; y++) {
                    for (int32_t x = 0; x < p->columns; x++) {
                        *out++ = (int8_t)fg_matmul_point_s8(p, left + y * p->a_row,
                                                            right + x * p->b_column);
                    }
                }
            }
        }
    }
}
