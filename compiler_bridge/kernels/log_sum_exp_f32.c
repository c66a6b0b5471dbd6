#include "exp_f32.h"
#include "log_f32.h"

/* The logarithm of the sum of e^x, of each row of n; the largest is taken out of the sum. */
typedef struct {
    int32_t rows, n;
} fg_log_sum_exp_f32_t;

static void fg_log_sum_exp_f32(const fg_log_sum_exp_f32_t *p, const float *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        float max = in[0];
        for (int32_t i = 1; i < p->n; i++) {
            max = in[i] > max ? in[i] : max;
        }
        float sum = 0.0f;
        for (int32_t i = 0; i < p->n; i++) {
            sum += fg_exp_f32(in[i] - max);
        }
        *out++ = fg_log_f32(sum) + max;
        in += p->n;
    }
}
