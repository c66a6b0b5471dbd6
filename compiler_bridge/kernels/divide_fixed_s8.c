#include "clamp.h"
#include "loops4.h"
#include "multiply_fixed.h"
#include "one_over.h"

/* Quotients in TensorFlow Lite's fixed point: a times the reciprocal of b. Nothing is defined where b
 * is zero; the largest quotient comes out. */
typedef struct {
    fg_loops4 loops;
    int32_t a_offset, b_offset, out_zero_point;
    int32_t multiplier, shift;
    int32_t low, high;
} fg_divide_fixed_s8_t;

static inline int8_t fg_divide_one_s8(const fg_divide_fixed_s8_t *p, int32_t a, int32_t b)
{
    const int32_t over = b < 0 ? -a : a;
    uint32_t by = (uint32_t)(b < 0 ? -b : b);
    if (by == 0u) {
        return (int8_t)(over < 0 ? p->low : p->high);
    }
    int32_t shift = p->shift - 31;
    while ((by & 0x80000000u) == 0u) {
        by <<= 1;
        shift++;
    }
    const int32_t reciprocal = fg_one_over_one_plus((int32_t)(by - 0x80000000u));
    int32_t headroom = 0;
    const uint32_t ones = (uint32_t)(over < 0 ? ~over : over);
    while (headroom < 31 && ((ones << headroom) & 0x40000000u) == 0u) {
        headroom++;
    }
    const int32_t wide = (int32_t)((uint32_t)over << headroom);
    const int32_t quotient = fg_doubling_high_mul(wide, reciprocal);
    const int32_t total = shift - headroom;
    const int32_t y = total < -31 ? 0 : fg_multiply(quotient, p->multiplier, total);
    return (int8_t)fg_clamp(y + p->out_zero_point, p->low, p->high);
}

static void fg_divide_fixed_s8(const fg_divide_fixed_s8_t *p, const int8_t *a, const int8_t *b,
                               int8_t *out)
{
    FG_LOOPS4(&p->loops,
              *out++ = fg_divide_one_s8(p, a[ia] + p->a_offset, b[ib] + p->b_offset))
}
