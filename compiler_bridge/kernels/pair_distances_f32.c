#include "sqrt_f32.h"

/* How far each row of a lies from each row of b, n numbers in a row: the length of the difference, or
 * its square. */
typedef struct {
    int32_t a_rows, b_rows, n, is_squared;
} fg_pair_distances_f32_t;

static void fg_pair_distances_f32(const fg_pair_distances_f32_t *p, const float *a, const float *b,
                                  float *out)
{
    for (int32_t i = 0; i < p->a_rows; i++) {
        const float *row = b;
        for (int32_t j = 0; j < p->b_rows; j++) {
            float sum = 0.0f;
            for (int32_t k = 0; k < p->n; k++) {
                const float gap = a[k] - row[k];
                sum += gap * gap;
            }
            *out++ = p->is_squared ? sum : fg_sqrt_f32(sum);
            row += p->n;
        }
        a += p->n;
    }
}
