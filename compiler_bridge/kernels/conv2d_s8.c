#include "rows.h"
#include "pixels.h"

/* 2-D convolution. Activations are height x width x channels. The inputs of each window are copied
 * to `patch`, what lies in the padding as zero points, in the order of the weights: kernel_h x
 * kernel_w x channels of the group, filled up to whole words. The zero points are in the bias.
 * `rows` are those of one group, the others follow.
 *
 * An output pixel is written after all inputs of its window were read. */
typedef struct {
    fg_rows rows;
    int32_t batch, in_h, in_w, in_c, out_h, out_w, out_c, groups, group_c, group_bytes;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    int32_t zero_point;
} fg_conv2d_s8_t;

/* Copies a run of inputs. */
static inline void fg_copy_inputs(const int8_t *x, int32_t n, int8_t *to)
{
#if FG_THUMB1
    FG_THUMB1_COPY(x, n, to);
#else
    FG_KEEP_ROLLED
    for (; n >= 4; n -= 4) {
#if FG_SIMD || FG_MVE
        const uint32_t word = fg_word(x);
        __builtin_memcpy(to, &word, sizeof word);
#else
        to[0] = x[0];
        to[1] = x[1];
        to[2] = x[2];
        to[3] = x[3];
#endif
        x += 4;
        to += 4;
    }
    FG_KEEP_ROLLED
    for (; n > 0; n--) {
        *to++ = *x++;
    }
#endif
}

/* Copies the inputs of a window that lie inside. */
static void fg_read_window(const fg_conv2d_s8_t *p, const int8_t *in, fg_span rows, fg_span cols,
                           int8_t *patch)
{
    const bool joined = p->dilation_w == 1 && p->groups == 1;
    const int32_t inside = cols.last - cols.first;
    const int32_t runs = joined ? 1 : inside;
    const int32_t run = joined ? inside * p->group_c : p->group_c;
    const int32_t line = p->dilation_h * p->in_w * p->in_c;
    const int32_t step = p->dilation_w * p->in_c;
    const int8_t *x = in + ((rows.start + rows.first * p->dilation_h) * p->in_w + cols.start) * p->in_c +
                      cols.first * step;
    int8_t *to = patch + (rows.first * p->kernel_w + cols.first) * p->group_c;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int8_t *from = x;
        int8_t *place = to;
        for (int32_t i = 0; i < runs; i++) {
            fg_copy_inputs(from, run, place);
            from += step;
            place += run;
        }
        x += line;
        to += p->kernel_w * p->group_c;
    }
}

#if FG_THUMB1
/* Whether eight rows may read the inputs of a whole window where they are: once, before any output
 * is written. */
static inline bool fg_reads_in_place(const fg_conv2d_s8_t *p)
{
    return p->rows.out_n == 8 && p->groups == 1 && p->dilation_w == 1 &&
           ((p->kernel_w * p->in_c) & 3) == 0 && FG_BYTES(&p->rows);
}

static inline void fg_conv2d_whole_s8(const fg_conv2d_s8_t *p, const int8_t *in, int8_t *out)
{
    const int32_t run = p->kernel_w * p->in_c;
    const int32_t line = p->dilation_h * p->in_w * p->in_c;
    const int8_t *const end = in + run;
    const fg_taps t = {in, end, NULL, end + p->kernel_h * line, line, 4 * p->kernel_h * run};
    fg_all_rows(&p->rows, &t, out);
}
#endif

/* All outputs of one pixel. */
static void fg_conv2d_pixel_s8(const fg_conv2d_s8_t *p, const int8_t *in, fg_span rows, fg_span cols,
                               int8_t *out, int8_t *patch)
{
    const int32_t taps = p->kernel_h * p->kernel_w * p->group_c;
    const bool whole = rows.last - rows.first == p->kernel_h && cols.last - cols.first == p->kernel_w;
#if FG_THUMB1
    if (whole && fg_reads_in_place(p)) {
        fg_conv2d_whole_s8(p, in + (rows.start * p->in_w + cols.start) * p->in_c, out);
        return;
    }
#endif
    const int8_t *const end = patch + ((taps + 3) & ~3);
    const fg_taps t = FG_TAPS(patch, end, NULL);
    fg_rows filters = p->rows;
    for (int32_t group = 0; group < p->groups; group++) {
        if (!whole) {
            memset(patch, p->zero_point, (size_t)taps);
        }
        fg_read_window(p, in, rows, cols, patch);
        fg_all_rows(&filters, &t, out);
        in += p->group_c;
        out += filters.out_n;
        filters.weights += p->group_bytes;
        filters.channels += filters.out_n;
    }
}

static void fg_conv2d_s8(const fg_conv2d_s8_t *p, const int8_t *in, int8_t *out, int8_t *patch)
{
    memset(patch, 0, (size_t)((p->kernel_h * p->kernel_w * p->group_c + 3) & ~3));
    FG_CONV_PIXELS(p, in, {
        fg_conv2d_pixel_s8(p, in, rows, cols, out, patch);
        out += p->out_c;
    })
}
