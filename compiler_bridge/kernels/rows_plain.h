#include "rows_s8.h"

/* All weights are int8. */
#define fg_all_rows fg_rows_s8
/* Whether inputs need not be in whole blocks. */
#define FG_ANY_TAPS(rows) FG_MVE
/* Whether weights are bytes. */
#define FG_BYTES(rows) 1
