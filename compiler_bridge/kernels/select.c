/* a where the condition is true, else b; steps are 0 along axes where one is broadcast. */
typedef struct {
    int32_t size[4];
    int32_t condition_step[4], a_step[4], b_step[4];
    int32_t bytes;
} fg_select_t;

static inline int32_t fg_place(const int32_t *step, int32_t i0, int32_t i1, int32_t i2, int32_t i3)
{
    return i0 * step[0] + i1 * step[1] + i2 * step[2] + i3 * step[3];
}

static void fg_select(const fg_select_t *p, const uint8_t *condition, const uint8_t *a,
                      const uint8_t *b, uint8_t *out)
{
    for (int32_t i0 = 0; i0 < p->size[0]; i0++) {
        for (int32_t i1 = 0; i1 < p->size[1]; i1++) {
            for (int32_t i2 = 0; i2 < p->size[2]; i2++) {
                for (int32_t i3 = 0; i3 < p->size[3]; i3++) {
                    const uint8_t *from = condition[fg_place(p->condition_step, i0, i1, i2, i3)]
                                              ? a + fg_place(p->a_step, i0, i1, i2, i3) * p->bytes
                                              : b + fg_place(p->b_step, i0, i1, i2, i3) * p->bytes;
                    memcpy(out, from, (size_t)p->bytes);
                    out += p->bytes;
                }
            }
        }
    }
}
