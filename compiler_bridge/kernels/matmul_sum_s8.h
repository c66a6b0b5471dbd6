/* Two int8 matrices that are both computed: a is rows x inner, b is inner x columns. Strides are in
 * elements, 0 where an operand is broadcast. */
typedef struct {
    int32_t batch[2];
    int32_t rows, columns, inner;
    int32_t a_batch[2], a_row, a_inner;
    int32_t b_batch[2], b_inner, b_column;
    int32_t a_zero_point, b_zero_point;
} fg_matrices_s8;

static inline int32_t fg_matmul_sum(const fg_matrices_s8 *p, const int8_t *a, const int8_t *b)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < p->inner; i++) {
        sum += (*a - p->a_zero_point) * (*b - p->b_zero_point);
        a += p->a_inner;
        b += p->b_inner;
    }
    return sum;
}

/* Does `each` with the `sum` of each element of the product, in order. */
#define FG_MATMUL_SUMS(p, a, b, each)                                                              \
    for (int32_t i0 = 0; i0 < (p)->batch[0]; i0++) {                                               \
        for (int32_t i1 = 0; i1 < (p)->batch[1]; i1++) {                                           \
            const int8_t *left = (a) + i0 * (p)->a_batch[0] + i1 * (p)->a_batch[1];                \
            const int8_t *right = (b) + i0 * (p)->b_batch[0] + i1 * (p)->b_batch[1];               \
            for (int32_t y = 0; y < (p)->rows; y++) {                                              \
                for (int32_t x = 0; x < (p)->columns; x++) {                                       \
                    const int32_t sum =                                                            \
                        fg_matmul_sum((p), left + y * (p)->a_row, right + x * (p)->b_column);      \
                    each                                                                           \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
