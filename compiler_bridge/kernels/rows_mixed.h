#include "rows_s8.h"
#include "rows_low.h"

/* Some layers have weights of 8 bits, some of fewer. */
static void fg_all_rows(const fg_rows *rows, const fg_taps *t, int8_t *out)
{
    if (rows->bits == 8) {
        fg_rows_s8(rows, t, out);
    } else {
        fg_rows_low(rows, t, out);
    }
}
/* Whether inputs need not be in whole blocks. */
#define FG_ANY_TAPS(rows) (FG_MVE && (rows)->bits == 8)
/* Whether weights are bytes. */
#define FG_BYTES(rows) ((rows)->bits == 8)
