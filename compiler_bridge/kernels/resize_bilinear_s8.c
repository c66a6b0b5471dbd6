/* Bilinear resize of height x width x channels in integers: between which two rows and columns an
 * output lies, and how near to the second of them in 1024ths, are tables. */
typedef struct {
    const int16_t *row_first, *row_last, *row_share;
    const int16_t *column_first, *column_last, *column_share;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
} fg_resize_bilinear_s8_t;

static inline int32_t fg_blend_s8(int32_t first, int32_t last, int32_t share)
{
    return first * (1024 - share) + last * share;
}

/* x / 2^20, halves away from zero. */
static inline int8_t fg_of_blend_s8(int32_t x)
{
    return (int8_t)((x > 0 ? x + (1 << 19) : x - (1 << 19)) / (1 << 20));
}

static void fg_resize_bilinear_s8(const fg_resize_bilinear_s8_t *p, const int8_t *in, int8_t *out)
{
    const int32_t line = p->in_w * p->channels;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            const int8_t *above = in + p->row_first[y] * line;
            const int8_t *below = in + p->row_last[y] * line;
            for (int32_t x = 0; x < p->out_w; x++) {
                const int32_t left = p->column_first[x] * p->channels;
                const int32_t right = p->column_last[x] * p->channels;
                const int32_t share = p->column_share[x];
                for (int32_t c = 0; c < p->channels; c++) {
                    const int32_t top = fg_blend_s8(above[left + c], above[right + c], share);
                    const int32_t low = fg_blend_s8(below[left + c], below[right + c], share);
                    *out++ = fg_of_blend_s8(fg_blend_s8(top, low, p->row_share[y]));
                }
            }
        }
        in += p->in_h * line;
    }
}
