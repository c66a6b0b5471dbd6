/* Where a sliding window lies over one axis of its input: taps first..last-1 are inside. */
typedef struct {
    int32_t start; /* input index under tap 0, negative in the padding */
    int32_t first;
    int32_t last;
} fg_span;

static inline fg_span fg_window(int32_t out, int32_t stride, int32_t pad, int32_t dilation, int32_t taps,
                                int32_t size)
{
    fg_span s;
    s.start = out * stride - pad;
    s.first = s.start < 0 ? (dilation - 1 - s.start) / dilation : 0;
    s.first = s.first < taps ? s.first : taps;
    s.last = taps;
    while (s.last > s.first && s.start + (s.last - 1) * dilation >= size) {
        s.last--;
    }
    return s;
}
