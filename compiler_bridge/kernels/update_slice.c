#include "clamp.h"

/* Puts a block into an array where the starts say, or as near to it as it fits. Axes are six, those
 * in front of the array's `rank` have one place. */
typedef struct {
    int32_t size[6]; /* of the block; its last axis is in bytes */
    int32_t most[6]; /* last places where it may start */
    int32_t step[6]; /* in the array, in bytes */
    int32_t rank;
} fg_update_slice_t;

static void fg_update_slice(const fg_update_slice_t *p, const uint8_t *block, const int32_t *starts,
                            uint8_t *out)
{
    for (int32_t axis = 6 - p->rank; axis < 6; axis++) {
        out += fg_clamp(starts[axis - 6 + p->rank], 0, p->most[axis]) * p->step[axis];
    }
    int32_t at[6] = {0};
    while (at[0] < p->size[0]) {
        int32_t place = 0;
        for (int32_t axis = 0; axis < 5; axis++) {
            place += at[axis] * p->step[axis];
        }
        memcpy(out + place, block, (size_t)p->size[5]);
        block += p->size[5];
        int32_t axis = 4;
        at[axis]++;
        while (axis > 0 && at[axis] == p->size[axis]) {
            at[axis] = 0;
            axis--;
            at[axis]++;
        }
    }
}
