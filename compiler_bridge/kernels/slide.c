/* Moves what is kept to the front and puts new bytes behind it. */
typedef struct {
    int32_t kept_bytes, new_bytes;
} fg_slide_t;

static void fg_slide(const fg_slide_t *p, const uint8_t *in, uint8_t *kept)
{
    memmove(kept, kept + p->new_bytes, (size_t)p->kept_bytes);
    memcpy(kept + p->kept_bytes, in, (size_t)p->new_bytes);
}
