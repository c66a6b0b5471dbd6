/* Rows of n values, of which one in particular is replaced by what its column has for it; what is no
 * number where `replaces_none`. */
typedef struct {
    const float *values;
    const float *replaced; /* one, which may be endless */
    int32_t replaces_none;
    int32_t rows, n;
} fg_impute_f32_t;

static void fg_impute_f32(const fg_impute_f32_t *p, const float *in, float *out)
{
    const float replaced = p->replaced[0];
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t i = 0; i < p->n; i++) {
            const float x = *in++;
            const int32_t is_number = x <= replaced || x > replaced;
            const int32_t is_it = x >= replaced && x <= replaced;
            *out++ = (p->replaces_none ? !is_number : is_it) ? p->values[i] : x;
        }
    }
}
