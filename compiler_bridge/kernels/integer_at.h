/* Integers of 1, 2 or 4 bytes. */
static inline int32_t fg_integer_at(const void *in, int32_t bytes, int32_t i)
{
    return bytes == 1   ? ((const int8_t *)in)[i]
           : bytes == 2 ? ((const int16_t *)in)[i]
                        : ((const int32_t *)in)[i];
}

static inline void fg_set_integer(void *out, int32_t bytes, int32_t i, int32_t value)
{
    if (bytes == 1) {
        ((int8_t *)out)[i] = (int8_t)value;
    } else if (bytes == 2) {
        ((int16_t *)out)[i] = (int16_t)value;
    } else {
        ((int32_t *)out)[i] = value;
    }
}
