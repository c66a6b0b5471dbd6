/* Any function of one int8 value as a table, indexed by the value + 128. */
typedef struct {
    const int8_t *table;
    int32_t n;
} fg_lookup_s8_t;

static void fg_lookup_s8(const fg_lookup_s8_t *p, const int8_t *in, int8_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = p->table[in[i] + 128];
    }
}
