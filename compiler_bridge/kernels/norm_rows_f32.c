#include "sqrt_f32.h"

/* Rows divided by their largest value (0), by the sum of their magnitudes (1) or by their length (2);
 * rows of which that is 0 stay. */
typedef struct {
    int32_t norm, rows, n;
} fg_norm_rows_f32_t;

static void fg_norm_rows_f32(const fg_norm_rows_f32_t *p, const float *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        float size = p->norm == 0 ? in[0] : 0.0f;
        for (int32_t i = 0; i < p->n; i++) {
            const float x = in[i];
            if (p->norm == 0) {
                size = x > size ? x : size;
            } else {
                size += p->norm == 2 ? x * x : (x < 0.0f ? -x : x);
            }
        }
        size = p->norm == 2 ? fg_sqrt_f32(size) : size;
        const float by = size > 0.0f || size < 0.0f ? size : 1.0f;
        for (int32_t i = 0; i < p->n; i++) {
            out[i] = in[i] / by;
        }
        in += p->n;
        out += p->n;
    }
}
