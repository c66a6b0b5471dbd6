/* 1 above 0, and -1 elsewhere. */
typedef struct {
    int32_t n;
} fg_side_f32_t;

static void fg_side_f32(const fg_side_f32_t *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = in[i] > 0.0f ? 1.0f : -1.0f;
    }
}
