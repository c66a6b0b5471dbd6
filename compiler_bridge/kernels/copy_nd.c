/* Copies runs of contiguous bytes between two layouts: transpose, slice, concatenate, split, pad
 * and pack are all this loop with other strides. All counts are in bytes. */
typedef struct {
    int32_t size[4];
    int32_t in_stride[4];
    int32_t out_stride[4];
    int32_t in_offset, out_offset;
    int32_t run;
} fg_copy_nd_t;

static void fg_copy_nd(const fg_copy_nd_t *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t i0 = 0; i0 < p->size[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->size[1]; i1++) {
            for (int32_t i2 = 0; i2 < p->size[2]; i2++) {
                const uint8_t *from = in + p->in_offset + i0 * p->in_stride[0]
                                      + i1 * p->in_stride[1] + i2 * p->in_stride[2];
                uint8_t *to = out + p->out_offset + i0 * p->out_stride[0] + i1 * p->out_stride[1]
                              + i2 * p->out_stride[2];
                for (int32_t i3 = 0; i3 < p->size[3]; i3++) {
                    memcpy(to, from, (size_t)p->run);
                    from += p->in_stride[3];
                    to += p->out_stride[3];
                }
            }
        }
    }
}
