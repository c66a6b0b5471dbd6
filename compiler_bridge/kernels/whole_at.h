/* Whole numbers of 4 or 8 bytes, and truths in one. */
static inline FG_MAY_BE_UNUSED int64_t fg_whole_at(const void *in, int32_t bytes, int32_t i)
{
    int64_t x;
    if (bytes == 1) {
        return ((const uint8_t *)in)[i] != 0;
    }
    if (bytes == 4) {
        return ((const int32_t *)in)[i];
    }
    memcpy(&x, (const uint8_t *)in + i * 8, sizeof x);
    return x;
}

/* What does not fit wraps around; a truth is whether there is any. */
static inline FG_MAY_BE_UNUSED void fg_set_whole(void *out, int32_t bytes, int32_t i, int64_t x)
{
    if (bytes == 1) {
        ((uint8_t *)out)[i] = (uint8_t)(x != 0);
    } else if (bytes == 4) {
        ((int32_t *)out)[i] = (int32_t)(uint32_t)(uint64_t)x;
    } else {
        memcpy((uint8_t *)out + i * 8, &x, sizeof x);
    }
}
