#include "range_s8.h"

/* a x b of float32 values, which come as int8 with the range of each row, and int8 weights. Strides
 * are in elements, 0 where an operand is broadcast; a is rows x inner, b is inner x columns. */
typedef struct {
    const float *scales; /* of the columns of b, `step` apart */
    int32_t step;
    int32_t batch[2];
    int32_t rows, columns, inner;
    int32_t a_batch[2], a_row, a_inner;
    int32_t b_batch[2], b_inner, b_column;
} fg_matmul_hybrid_f32_t;

static int32_t fg_matmul_hybrid_sum(const fg_matmul_hybrid_f32_t *p, const int8_t *a, int32_t zero,
                                    const int8_t *b)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < p->inner; i++) {
        sum += (*a - zero) * *b;
        a += p->a_inner;
        b += p->b_inner;
    }
    return sum;
}

static void fg_matmul_hybrid_f32(const fg_matmul_hybrid_f32_t *p, const int8_t *a,
                                 const fg_range_s8 *ranges, const int8_t *b, float *out)
{
    for (int32_t i0 = 0; i0 < p->batch[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->batch[1]; i1++) {
            const int32_t left = i0 * p->a_batch[0] + i1 * p->a_batch[1];
            const int8_t *right = b + i0 * p->b_batch[0] + i1 * p->b_batch[1];
            for (int32_t y = 0; y < p->rows; y++) {
                const fg_range_s8 range = ranges[left / p->inner + y];
                for (int32_t x = 0; x < p->columns; x++) {
                    const int32_t sum =
                        fg_matmul_hybrid_sum(p, a + left + y * p->a_row, range.zero_point,
                                             right + x * p->b_column);
                    *out++ = (float)sum * (range.scale * p->scales[x * p->step]);
                }
            }
        }
    }
}
