/* Nearest-neighbour resize of height x width x channels: the source row and column of each output
 * row and column are tables. */
typedef struct {
    const int16_t *row;
    const int16_t *column;
    int32_t batch, in_h, in_w, channels, out_h, out_w;
} fg_resize_nearest_s8_t;

static void fg_resize_nearest_s8(const fg_resize_nearest_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++) {
                const int8_t *from = in + (p->row[y] * p->in_w + p->column[x]) * p->channels;
                memcpy(out, from, (size_t)p->channels);
                out += p->channels;
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
}
