#include "rows_low.h"

/* No layer has weights of 8 bits. */
#define fg_all_rows fg_rows_low
/* Whether inputs need not be in whole blocks. */
#define FG_ANY_TAPS(rows) 0
/* Whether weights are bytes. */
#define FG_BYTES(rows) 0
