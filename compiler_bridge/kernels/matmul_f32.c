/* alpha * a x b + beta * c of float32 matrices that are all computed. Strides are in elements, 0
 * where an operand is broadcast; a is rows x inner, b is inner x columns, c is added where has_c. */
typedef struct {
    int32_t batch[2];
    int32_t rows, columns, inner;
    int32_t a_batch[2], a_row, a_inner;
    int32_t b_batch[2], b_inner, b_column;
    int32_t has_c, c_row, c_column;
    float alpha, beta, low, high;
} fg_matmul_f32_t;

static float fg_matmul_point(const fg_matmul_f32_t *p, const float *a, const float *b)
{
    float sum = 0.0f;
    for (int32_t i = 0; i < p->inner; i++) {
        sum += *a * *b;
        a += p->a_inner;
        b += p->b_inner;
    }
    return sum;
}

static void fg_matmul_f32(const fg_matmul_f32_t *p, const float *a, const float *b, const float *c,
                          float *out)
{
    for (int32_t i0 = 0; i0 < p->batch[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->batch[1]; i1++) {
            const float *left = a + i0 * p->a_batch[0] + i1 * p->a_batch[1];
            const float *right = b + i0 * p->b_batch[0] + i1 * p->b_batch[1];
            for (int32_t y = 0; y < p->rows; y++) {
                for (int32_t x = 0; x < p->columns; x++) {
                    float v = p->alpha
                              * fg_matmul_point(p, left + y * p->a_row, right + x * p->b_column);
                    if (p->has_c) {
                        v += p->beta * c[y * p->c_row + x * p->c_column];
                    }
                    *out++ = v < p->low ? p->low : (v > p->high ? p->high : v);
                }
            }
        }
    }
}
