#include "careful_sum.h"

/* A score for each pair of classes, above 0 for the first of them, out of how alike the input is to the
 * vectors of both; and the number of pairs that each class wins. */
typedef struct {
    const float *coefficients; /* a row less than there are classes, one for each vector */
    const float *rho;          /* of each pair */
    const int32_t *starts;     /* of each class among the vectors, and their end */
    int32_t rows, n_vectors, n_classes;
} fg_svm_pairs_f32_t;

static inline void fg_add_svm_part(const fg_svm_pairs_f32_t *p, const float *in, int32_t of,
                                   int32_t row, fg_careful_sum *sum)
{
    const float *weights = p->coefficients + row * p->n_vectors;
    for (int32_t v = p->starts[of]; v < p->starts[of + 1]; v++) {
        fg_add_carefully(sum, weights[v] * in[v]);
    }
}

static void fg_svm_pairs_f32(const fg_svm_pairs_f32_t *p, const float *in, float *out, float *votes)
{
    for (int32_t row = 0; row < p->rows; row++) {
        const float *rho = p->rho;
        for (int32_t i = 0; i < p->n_classes; i++) {
            votes[i] = 0.0f;
        }
        for (int32_t i = 0; i < p->n_classes; i++) {
            for (int32_t j = i + 1; j < p->n_classes; j++) {
                fg_careful_sum sum = {*rho++, 0.0f};
                fg_add_svm_part(p, in, i, j - 1, &sum);
                fg_add_svm_part(p, in, j, i, &sum);
                votes[sum.y > 0.0f ? i : j] += 1.0f;
                *out++ = sum.y;
            }
        }
        in += p->n_vectors;
        votes += p->n_classes;
    }
}
