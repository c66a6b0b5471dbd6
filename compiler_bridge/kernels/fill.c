/* Repeats one element of 1, 2 or 4 bytes. */
typedef struct {
    uint8_t element[4];
    int32_t element_bytes;
    int32_t n;
} fg_fill_t;

static void fg_fill(const fg_fill_t *p, uint8_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        for (int32_t b = 0; b < p->element_bytes; b++) {
            *out++ = p->element[b];
        }
    }
}
