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

/* Runs statement for each output pixel of an image in their order; rows and cols are where its
 * window lies. */
#define FG_EACH_PIXEL(p, dilation_y, dilation_x, statement)                                        \
    for (int32_t oy = 0; oy < (p)->out_h; oy++) {                                                  \
        const fg_span rows =                                                                       \
            fg_window(oy, (p)->stride_h, (p)->pad_h, dilation_y, (p)->kernel_h, (p)->in_h);        \
        for (int32_t ox = 0; ox < (p)->out_w; ox++) {                                              \
            const fg_span cols =                                                                   \
                fg_window(ox, (p)->stride_w, (p)->pad_w, dilation_x, (p)->kernel_w, (p)->in_w);    \
            statement                                                                              \
        }                                                                                          \
    }

/* Runs statement for each tap of the window at rows and cols: its input values begin at x of n_in
 * channels, its weights at w of n_taps. */
#define FG_EACH_TAP(p, n_in, n_taps, statement)                                                    \
    for (int32_t ky = rows.first; ky < rows.last; ky++) {                                          \
        const int32_t line = (rows.start + ky * (p)->dilation_h) * (p)->in_w + cols.start;         \
        for (int32_t kx = cols.first; kx < cols.last; kx++) {                                      \
            const int32_t x = (line + kx * (p)->dilation_w) * (n_in);                              \
            const int32_t w = (ky * (p)->kernel_w + kx) * (n_taps);                                \
            statement                                                                              \
        }                                                                                          \
    }
