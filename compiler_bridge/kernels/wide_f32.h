/* A float64 that is not negative, m * 2^e where bit 52 of m is the highest, in integers: most cores
 * have no such numbers, and those that have need not be asked. Results are rounded to the nearest,
 * halves to even. */
typedef struct {
    uint64_t m;
    int32_t e;
} fg_wide;

/* x / 2^n, halves to even; `rest` says that there is something below x. */
static inline uint64_t fg_wide_shift(uint64_t x, int32_t n, uint64_t rest)
{
    if (n > 63) {
        return 0;
    }
    const uint64_t half = (uint64_t)1 << (n - 1);
    const uint64_t below = x & (2 * half - 1);
    const uint64_t y = x >> n;
    return y + (below > half || (below == half && (rest != 0 || (y & 1u) != 0)) ? 1u : 0u);
}

static fg_wide fg_wide_of(float x)
{
    fg_wide y = {0, 0};
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t exponent = (int32_t)((bits >> 23) & 0xffu);
    y.m = (uint64_t)(bits & 0x7fffffu) | (exponent > 0 ? 0x800000u : 0u);
    y.e = (exponent > 0 ? exponent : 1) - 150;
    while (y.m != 0 && (y.m >> 52) == 0) {
        y.m <<= 1;
        y.e--;
    }
    return y;
}

/* b is not 0. */
static fg_wide fg_wide_divide(fg_wide a, fg_wide b)
{
    fg_wide y = {0, a.e - b.e - 52};
    if (a.m == 0) {
        return y;
    }
    uint64_t rest = a.m;
    if (rest < b.m) {
        rest <<= 1;
        y.e--;
    }
    for (int32_t i = 0; i < 54; i++) { /* one bit more than there is room for */
        y.m = 2 * y.m + (rest >= b.m ? 1u : 0u);
        rest = 2 * (rest >= b.m ? rest - b.m : rest);
    }
    y.m = fg_wide_shift(y.m, 1, rest);
    if ((y.m >> 53) != 0) {
        y.m >>= 1;
        y.e++;
    }
    return y;
}

/* x in steps of 2^-46; x is below 2^16. */
static int64_t fg_wide_q46(fg_wide x)
{
    const int32_t shift = x.e + 46;
    return (int64_t)(shift >= 0 ? x.m << shift : fg_wide_shift(x.m, -shift, 0));
}
