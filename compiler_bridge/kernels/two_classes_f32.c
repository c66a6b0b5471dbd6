/* Scores of both classes from the score s of one: whole - s, and s. */
typedef struct {
    float whole;
    int32_t n;
} fg_two_classes_f32_t;

static void fg_two_classes_f32(const fg_two_classes_f32_t *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const float s = in[i];
        *out++ = p->whole - s;
        *out++ = s;
    }
}
