/* The product of each row of n. */
typedef struct {
    int32_t rows, n;
} fg_reduce_product_f32_t;

static void fg_reduce_product_f32(const fg_reduce_product_f32_t *p, const float *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        float y = 1.0f;
        for (int32_t i = 0; i < p->n; i++) {
            y *= in[i];
        }
        *out++ = y;
        in += p->n;
    }
}
