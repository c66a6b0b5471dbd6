/* Each value with the other sign, and as it is. */
typedef struct {
    int32_t n;
} fg_both_signs_f32_t;

static void fg_both_signs_f32(const fg_both_signs_f32_t *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        *out++ = -in[i];
        *out++ = in[i];
    }
}
