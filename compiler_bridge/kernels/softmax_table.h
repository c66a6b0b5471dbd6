/* Sum of e^(scale * (x - max)) over a row of int8 values, looked up by their distance from it. */
static inline float fg_softmax_sum(const float *exp, const int8_t *in, int32_t n, int32_t *max)
{
    int32_t best = -128;
    for (int32_t i = 0; i < n; i++) {
        best = in[i] > best ? in[i] : best;
    }
    float sum = 0.0f;
    for (int32_t i = 0; i < n; i++) {
        sum += exp[best - in[i]];
    }
    *max = best;
    return sum;
}
