/* Sum of products of int16 values and int8 weights; 511 of them always fit 32 bits. */
static int64_t fg_dot_s16(const int16_t *x, const int8_t *w, int32_t n)
{
    int64_t sum = 0;
    while (n > 0) {
        const int32_t chunk = n < 511 ? n : 511;
        int32_t part = 0;
        for (int32_t i = 0; i < chunk; i++) {
            part += x[i] * w[i];
        }
        sum += part;
        x += chunk;
        w += chunk;
        n -= chunk;
    }
    return sum;
}
