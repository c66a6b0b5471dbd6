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

/* Runs statement for each input that is spread to the output pixel at oy and ox: its values begin at
 * x, the weights of the tap that joins them at w. */
#define FG_EACH_SOURCE(p, oy, ox, statement)                                                       \
    {                                                                                              \
        const fg_sources rows = fg_transposed(oy, (p)->stride_h, (p)->pad_h, (p)->kernel_h, (p)->in_h); \
        const fg_sources cols = fg_transposed(ox, (p)->stride_w, (p)->pad_w, (p)->kernel_w, (p)->in_w); \
        for (int32_t iy = rows.first; iy < rows.last; iy++) {                                      \
            const int32_t ky = (oy) + (p)->pad_h - iy * (p)->stride_h;                             \
            for (int32_t ix = cols.first; ix < cols.last; ix++) {                                  \
                const int32_t kx = (ox) + (p)->pad_w - ix * (p)->stride_w;                         \
                const int32_t x = (iy * (p)->in_w + ix) * (p)->in_c;                               \
                const int32_t w = (ky * (p)->kernel_w + kx) * (p)->in_c;                           \
                statement                                                                          \
            }                                                                                      \
        }                                                                                          \
    }

/* Runs statement for each output value of a transposed layer, of channel oc. */
#define FG_EACH_TRANSPOSED(p, in, statement)                                                       \
    for (int32_t b = 0; b < (p)->batch; b++) {                                                     \
        for (int32_t oy = 0; oy < (p)->out_h; oy++) {                                              \
            for (int32_t ox = 0; ox < (p)->out_w; ox++) {                                          \
                for (int32_t oc = 0; oc < (p)->out_c; oc++) {                                      \
                    statement                                                                      \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        (in) += (p)->in_h * (p)->in_w * (p)->in_c;                                                 \
    }
