/* Bilinear resizing. Each output row lies between input rows row_first and row_last, row_share of
 * the way from the first; columns likewise. */
typedef struct {
    const int16_t *row_first;
    const int16_t *row_last;
    const float *row_share;
    const int16_t *column_first;
    const int16_t *column_last;
    const float *column_share;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
} fg_resize_bilinear_f32_t;

static void fg_resize_bilinear_f32(const fg_resize_bilinear_f32_t *p, const float *in, float *out)
{
    const int32_t line = p->in_w * p->channels;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            const float *top = in + p->row_first[y] * line;
            const float *bottom = in + p->row_last[y] * line;
            const float down = p->row_share[y];
            for (int32_t x = 0; x < p->out_w; x++) {
                const int32_t left = p->column_first[x] * p->channels;
                const int32_t right = p->column_last[x] * p->channels;
                const float across = p->column_share[x];
                for (int32_t c = 0; c < p->channels; c++) {
                    *out++ = top[left + c] * (1.0f - down) * (1.0f - across)
                             + bottom[left + c] * down * (1.0f - across)
                             + top[right + c] * (1.0f - down) * across
                             + bottom[right + c] * down * across;
                }
            }
        }
        in += p->in_h * line;
    }
}
