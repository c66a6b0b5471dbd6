#include "exp_f32.h"
#include "log_f32.h"

typedef struct {
    int32_t rows, columns;
} fg_log_softmax_f32_t;

static void fg_log_softmax_f32(const fg_log_softmax_f32_t *p, const float *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        float max = in[0];
        for (int32_t i = 1; i < p->columns; i++) {
            max = in[i] > max ? in[i] : max;
        }
        float sum = 0.0f;
        for (int32_t i = 0; i < p->columns; i++) {
            sum += fg_exp_f32(in[i] - max);
        }
        const float log_sum = fg_log_f32(sum);
        for (int32_t i = 0; i < p->columns; i++) {
            out[i] = in[i] - max - log_sum;
        }
        in += p->columns;
        out += p->columns;
    }
}
