/* Which inputs a transposed convolution spreads to an output along one axis: first..last-1. The
 * tap that joins input i to output o is o + pad - i * stride. */
typedef struct {
    int32_t first;
    int32_t last;
} fg_sources;

static inline fg_sources fg_transposed(int32_t out, int32_t stride, int32_t pad, int32_t taps,
                                       int32_t size)
{
    const int32_t reach = out + pad;
    const int32_t before = reach - taps; /* the last input that does not reach so far */
    fg_sources s;
    s.first = before < 0 ? 0 : before / stride + 1;
    s.last = reach / stride + 1;
    s.last = s.last < size ? s.last : size;
    return s;
}
