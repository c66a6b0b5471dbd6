#include "fixed_point.h"

/* multiplier * 2^(shift - 31), TensorFlow Lite's 1 / sqrt(x). */
typedef struct {
    int32_t multiplier, shift;
} fg_inverse_root;

/* x * 2^exponent, or what comes nearest to it. */
static inline int32_t fg_shift_up(int32_t x, int32_t exponent)
{
    const int32_t most = INT32_MAX >> exponent;
    return x > most ? INT32_MAX : (x < -most - 1 ? INT32_MIN : x * (1 << exponent));
}

/* Five of Newton's steps on Q3.28. */
static fg_inverse_root fg_inverse_root_of(int32_t x)
{
    fg_inverse_root y = {INT32_MAX, 0};
    if (x <= 1) {
        return y;
    }
    int32_t shift = 11;
    while (x >= (1 << 29)) {
        x /= 4;
        shift++;
    }
    while (x < (1 << 27)) {
        x *= 4;
        shift--;
    }
    const int32_t half = fg_rounding_shift_right(x >> 1, 1);
    int32_t root = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        const int32_t square = fg_doubling_high_mul(root, root);
        const int32_t cube = fg_shift_up(fg_doubling_high_mul(square, root), 6);
        root = fg_shift_up(fg_doubling_high_mul(3 << 27, root) - fg_doubling_high_mul(half, cube), 3);
    }
    y.multiplier = fg_doubling_high_mul(root, 1518500250);
    y.shift = -shift;
    if (shift < 0) {
        y.multiplier *= 1 << -shift;
        y.shift = 0;
    }
    return y;
}
