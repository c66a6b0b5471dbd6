#include "between_points.h"

/* Any function of one int16 value. */
typedef struct {
    const int16_t *table;
    int32_t n;
} fg_lookup_s16_t;

static void fg_lookup_s16(const fg_lookup_s16_t *p, const int16_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (int16_t)fg_between_points(p->table, in[i]);
    }
}
