/* Sum of x[i] * w[i]; the caller has shown that it fits 32 bits. */
static inline int32_t fg_dot_s8(const int8_t *x, const int8_t *w, int32_t n)
{
    int32_t acc = 0;
    for (; n >= 4; n -= 4) {
        acc += x[0] * w[0];
        acc += x[1] * w[1];
        acc += x[2] * w[2];
        acc += x[3] * w[3];
        x += 4;
        w += 4;
    }
    for (; n > 0; n--) {
        acc += *x++ * *w++;
    }
    return acc;
}
