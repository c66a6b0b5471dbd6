#include "careful_sum.h"
#include "sigmoid_f32.h"

/* How alike each row of n values is to each vector: the product of both (0), a power of gamma * product
 * + offset (1), e to the -gamma * distance^2 (2), the tangens hyperbolicus of gamma * product + offset
 * (3). */
typedef struct {
    const float *vectors;
    int32_t operation, degree;
    float gamma, offset;
    int32_t rows, n, n_vectors;
} fg_svm_kernel_f32_t;

static inline float fg_power_of(float x, int32_t degree)
{
    float y = 1.0f;
    for (int32_t i = 0; i < degree; i++) {
        y *= x;
    }
    return y;
}

static inline float fg_likeness(const fg_svm_kernel_f32_t *p, const float *in, const float *vector)
{
    fg_careful_sum careful = {0.0f, 0.0f};
    for (int32_t i = 0; i < p->n; i++) {
        const float gap = in[i] - vector[i];
        fg_add_carefully(&careful, p->operation == 2 ? gap * gap : in[i] * vector[i]);
    }
    const float sum = careful.y;
    switch (p->operation) {
    case 0: return sum;
    case 1: return fg_power_of(p->gamma * sum + p->offset, p->degree);
    case 2: return fg_exp_f32(-p->gamma * sum);
    default: return fg_tanh_f32(p->gamma * sum + p->offset);
    }
}

static void fg_svm_kernel_f32(const fg_svm_kernel_f32_t *p, const float *in, float *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t v = 0; v < p->n_vectors; v++) {
            *out++ = fg_likeness(p, in, p->vectors + v * p->n);
        }
        in += p->n;
    }
}
