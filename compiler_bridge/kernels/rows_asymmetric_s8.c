#include "range_s8.h"

/* Rows of float32 values as int8, each by its own range. */
typedef struct {
    int32_t rows, n;
} fg_rows_asymmetric_s8_t;

static void fg_rows_asymmetric_s8(const fg_rows_asymmetric_s8_t *p, const float *in, int8_t *out,
                                  fg_range_s8 *ranges)
{
    for (int32_t row = 0; row < p->rows; row++) {
        ranges[row] = fg_asymmetric_s8(in + row * p->n, p->n, out + row * p->n);
    }
}
