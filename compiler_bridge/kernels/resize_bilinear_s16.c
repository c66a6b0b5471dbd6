/* Bilinear resize in integers, see resize_bilinear_s8.c; of int16 values in 64 bits. */
typedef struct {
    const int16_t *row_first, *row_last, *row_share;
    const int16_t *column_first, *column_last, *column_share;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
} fg_resize_bilinear_s16_t;

static inline int64_t fg_blend_s16(int64_t first, int64_t last, int32_t share)
{
    return first * (1024 - share) + last * share;
}

static void fg_resize_bilinear_s16(const fg_resize_bilinear_s16_t *p, const int16_t *in, int16_t *out)
{
    const int32_t line = p->in_w * p->channels;
    for (int32_t at = 0; at < p->batch * p->out_h; at++) {
        const int32_t y = at % p->out_h;
        const int16_t *image = in + at / p->out_h * p->in_h * line;
        const int16_t *above = image + p->row_first[y] * line;
        const int16_t *below = image + p->row_last[y] * line;
        for (int32_t x = 0; x < p->out_w; x++) {
            const int32_t left = p->column_first[x] * p->channels;
            const int32_t right = p->column_last[x] * p->channels;
            const int32_t share = p->column_share[x];
            for (int32_t c = 0; c < p->channels; c++) {
                const int64_t top = fg_blend_s16(above[left + c], above[right + c], share);
                const int64_t low = fg_blend_s16(below[left + c], below[right + c], share);
                const int64_t sum = fg_blend_s16(top, low, p->row_share[y]);
                *out++ = (int16_t)((sum > 0 ? sum + (1 << 19) : sum - (1 << 19)) / (1 << 20));
            }
        }
    }
}
