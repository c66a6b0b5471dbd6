/* uint16 less 32768, or int16 and 32768: the highest bit turns. */
typedef struct {
    int32_t n;
} fg_flip_sign_s16_t;

static void fg_flip_sign_s16(const fg_flip_sign_s16_t *p, const void *in, void *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        ((uint16_t *)out)[i] = (uint16_t)(((const uint16_t *)in)[i] ^ 0x8000u);
    }
}
