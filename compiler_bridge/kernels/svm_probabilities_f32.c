#include "sigmoid_f32.h"

/* Probabilities of classes out of a score for each pair of them: each pair's by a sigmoid, then those
 * that agree with all pairs best (Wu, Lin and Weng 2004, method 2, as libsvm iterates it). */
typedef struct {
    const float *slope, *offset; /* of each pair's sigmoid */
    int32_t rows, n;
} fg_svm_probabilities_f32_t;

/* Room for n x n numbers, and for n. */
static inline float fg_pair_probability(float score, float slope, float offset)
{
    const float y = 1.0f - fg_sigmoid_f32(score * slope + offset);
    return y < 1e-7f ? 1e-7f : (y > 1.0f - 1e-7f ? 1.0f - 1e-7f : y);
}

static void fg_svm_matrix(const fg_svm_probabilities_f32_t *p, const float *in, float *q)
{
    const int32_t n = p->n;
    int32_t pair = 0;
    for (int32_t i = 0; i < n; i++) {
        q[i * n + i] = 0.0f;
    }
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = i + 1; j < n; j++, pair++) {
            const float wins = fg_pair_probability(in[pair], p->slope[pair], p->offset[pair]);
            const float loses = 1.0f - wins;
            q[i * n + i] += loses * loses;
            q[j * n + j] += wins * wins;
            q[i * n + j] = q[j * n + i] = -loses * wins;
        }
    }
}

static inline float fg_svm_products(int32_t n, const float *q, const float *out, float *qp)
{
    float pqp = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        qp[i] = 0.0f;
        for (int32_t j = 0; j < n; j++) {
            qp[i] += q[i * n + j] * out[j];
        }
        pqp += out[i] * qp[i];
    }
    return pqp;
}

static inline float fg_svm_error(int32_t n, const float *qp, float pqp)
{
    float most = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        const float error = qp[i] < pqp ? pqp - qp[i] : qp[i] - pqp;
        most = error > most ? error : most;
    }
    return most;
}

static inline float fg_svm_step(int32_t n, int32_t i, const float *q, float pqp, float *out, float *qp)
{
    const float diff = (pqp - qp[i]) / q[i * n + i];
    out[i] += diff;
    const float next = (pqp + diff * (diff * q[i * n + i] + 2.0f * qp[i])) / (1.0f + diff) / (1.0f + diff);
    for (int32_t j = 0; j < n; j++) {
        qp[j] = (qp[j] + diff * q[i * n + j]) / (1.0f + diff);
        out[j] /= 1.0f + diff;
    }
    return next;
}

static void fg_svm_probabilities_f32(const fg_svm_probabilities_f32_t *p, const float *in, float *out,
                                     float *room)
{
    const int32_t n = p->n;
    float *qp = room + n * n;
    for (int32_t row = 0; row < p->rows; row++) {
        fg_svm_matrix(p, in, room);
        for (int32_t i = 0; i < n; i++) {
            out[i] = 1.0f / (float)n;
        }
        for (int32_t turn = 0; turn < 100; turn++) {
            float pqp = fg_svm_products(n, room, out, qp);
            if (fg_svm_error(n, qp, pqp) < 0.005f / (float)n) {
                break;
            }
            for (int32_t i = 0; i < n; i++) {
                pqp = fg_svm_step(n, i, room, pqp, out, qp);
            }
        }
        in += n * (n - 1) / 2;
        out += n;
    }
}
