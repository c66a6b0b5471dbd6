#include "integer_at.h"
#include "loops4.h"

/* Whole numbers of 1, 2 or 4 bytes without scales: 0 add, 1 subtract, 2 multiply, 3 divide, 4 the
 * larger, 5 the smaller, 6 the squared difference, 7 divide downwards, 8 what that leaves, 9 both are
 * true, 10 one is, 11 equal, 12 not, 13 greater, 14 or equal, 15 less, 16 or equal. Sums and products
 * wrap around; results of 0 to 8 are clipped to low..high. */
typedef struct {
    fg_loops4 loops;
    int32_t operation;
    int32_t in_bytes, out_bytes;
    int32_t low, high;
} fg_binary_integer_t;

/* Towards zero, or downwards; by zero nothing is defined, and 0 comes out. */
static inline int32_t fg_quotient(int32_t a, int32_t b, int32_t downwards)
{
    if (b == 0 || b == -1) {
        return b == 0 ? 0 : (int32_t)(0u - (uint32_t)a);
    }
    const int32_t q = a / b;
    return q - (downwards && a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

static inline int32_t fg_binary_number(const fg_binary_integer_t *p, int32_t a, int32_t b)
{
    const uint32_t gap = (uint32_t)a - (uint32_t)b;
    int32_t y;
    switch (p->operation) {
    case 0: y = (int32_t)((uint32_t)a + (uint32_t)b); break;
    case 1: y = (int32_t)gap; break;
    case 2: y = (int32_t)((uint32_t)a * (uint32_t)b); break;
    case 3: y = fg_quotient(a, b, 0); break;
    case 4: y = a > b ? a : b; break;
    case 5: y = a < b ? a : b; break;
    case 6: y = (int32_t)(gap * gap); break;
    case 7: y = fg_quotient(a, b, 1); break;
    default: y = (int32_t)((uint32_t)a - (uint32_t)b * (uint32_t)fg_quotient(a, b, 1)); break;
    }
    return y < p->low ? p->low : (y > p->high ? p->high : y);
}

static inline int32_t fg_binary_truth(int32_t operation, int32_t a, int32_t b)
{
    switch (operation) {
    case 9: return a != 0 && b != 0;
    case 10: return a != 0 || b != 0;
    case 11: return a == b;
    case 12: return a != b;
    case 13: return a > b;
    case 14: return a >= b;
    case 15: return a < b;
    default: return a <= b;
    }
}

static void fg_binary_integer(const fg_binary_integer_t *p, const void *a, const void *b, void *out)
{
    int32_t i = 0;
    FG_LOOPS4(&p->loops, {
        const int32_t x = fg_integer_at(a, p->in_bytes, ia);
        const int32_t y = fg_integer_at(b, p->in_bytes, ib);
        const int32_t z = p->operation < 9 ? fg_binary_number(p, x, y)
                                           : fg_binary_truth(p->operation, x, y);
        fg_set_integer(out, p->out_bytes, i++, z);
    })
}
