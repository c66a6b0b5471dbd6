#include "dot_rows_s8.h"
#include "thumb1_rows.h"
#include "mve_rows_s8.h"

#if !FG_THUMB1
/* All outputs of the inputs. These are read again for every four outputs, so none may be
 * overwritten before the last. */
static FG_NOINLINE void fg_rows_s8(const fg_rows *rows, const fg_taps *t, int8_t *out)
{
    const int8_t *w = rows->weights;
    const fg_channel *channel = rows->channels;
    const int8_t *const end = out + rows->out_n;
    const int8_t *const fours = out + (rows->out_n & ~3);
    if (out != fours) {
        const uint32_t first = fg_first_sum(t);
        FG_KEEP_ROLLED
        while (out != fours) {
            int32_t sums[4];
            w = fg_dot4(t, w, first, sums);
            fg_output4(channel, &rows->range, sums, out);
            channel += 4;
            out += 4;
        }
    }
    FG_KEEP_ROLLED
    while (out != end) {
        int32_t sum;
        w = fg_dot1(t, w, &sum);
        *out++ = fg_output(channel++, &rows->range, sum);
    }
}
#endif
