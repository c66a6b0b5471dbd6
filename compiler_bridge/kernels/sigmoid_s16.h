/* Logistic function and tanh of int16 values by a table of sigmoid(i / 24), i = 0 ... 255, in
 * Q0.16, with straight lines between its entries (TensorFlow Lite). x counts steps of 1 / 12288. */
static inline int16_t fg_logistic_q15(const uint16_t *table, int32_t x)
{
    const uint32_t distance = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
    const uint32_t at = distance >> 9;
    uint32_t y = 0x7fffu << 10;
    if (at < 255u) {
        const uint32_t low = table[at];
        y = (low << 9) + (distance & 0x1ffu) * (table[at + 1u] - low);
    }
    y = x < 0 ? (1u << 25) - y + 511u : y + 512u;
    return (int16_t)(y >> 10);
}

static inline int16_t fg_tanh_q15(const uint16_t *table, int32_t x)
{
    const uint32_t distance = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
    const uint32_t at = distance >> 8;
    int32_t y = 0xffff << 8;
    if (at < 255u) {
        const uint32_t low = table[at];
        y = (int32_t)((low << 8) + (distance & 0xffu) * (table[at + 1u] - low));
    }
    y -= 1 << 23;
    y = x < 0 ? 127 - y : y + 128;
    return (int16_t)(y >> 8);
}
