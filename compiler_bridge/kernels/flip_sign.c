/* uint8 with zero point z is int8 with zero point z - 128: the sign bit differs. */
typedef struct {
    int32_t n;
} fg_flip_sign_t;

static void fg_flip_sign(const fg_flip_sign_t *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (uint8_t)(in[i] ^ 0x80u);
    }
}
