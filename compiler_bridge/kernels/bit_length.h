/* The number of bits up to the highest that is set. */
static inline int32_t fg_bit_length(uint32_t x)
{
    int32_t n = 0;
    for (int32_t step = 16; step > 0; step /= 2) {
        if ((x >> step) != 0u) {
            n += step;
            x >>= step;
        }
    }
    return n + (x != 0u ? 1 : 0);
}
