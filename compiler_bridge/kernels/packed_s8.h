#include "output.h"
#include "simd.h"
#include "thumb1.h"

/* A layer's rows of weights, packed for four outputs at a time.
 *
 * A block of 16 bytes has four taps of four rows: FG_BLOCK takes those of a row side by side, one row
 * after another, and orders them as the core likes them. Rows left over (fewer than four) follow as
 * they are. Each row is filled up with zeros to whole blocks. */
typedef struct {
    const int8_t *weights;
    const fg_channel *channels;
    fg_range range;
    int32_t out_n;
#if defined(FG_LOW_BITS)
    int32_t bits; /* of a weight */
#endif
} fg_rows;

/* What a row meets: inputs side by side up to `end`, and behind them, if that is not NULL, the four
 * at `last`. Both are whole blocks, but with FG_MVE all inputs may be side by side. */
typedef struct {
    const int8_t *x, *end, *last;
#if FG_THUMB1
    /* The inputs from x to end lie in one line; there may be more, `line` apart, until end is stop.
     * Four packed rows take `four_rows` bytes. */
    const int8_t *stop;
    int32_t line, four_rows;
#endif
} fg_taps;
#if FG_THUMB1
#define FG_TAPS(x, end, last)                                                                      \
    {x, end, last, end, 0, 4 * ((int32_t)((end) - (x)) + ((last) != NULL ? 4 : 0))}
#else
#define FG_TAPS(x, end, last) {x, end, last}
#endif

#define FG_UNSIGNED(w) (w) ^ -128
#if FG_SIMD
/* Rows 0 and 1 share halfwords, as do rows 2 and 3: the low byte is the even row's weight + 128
 * (unsigned), the high byte the odd row's (signed); taps 0 and 2 come before taps 1 and 3, as SXTB16
 * splits the inputs. A product with the halfword is both rows' at once; taking 256 times the odd
 * row's away leaves the even row's, modulo 2^32. */
#define FG_BLOCK(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3)                   \
    FG_UNSIGNED(a0), b0, FG_UNSIGNED(a2), b2, FG_UNSIGNED(c0), d0, FG_UNSIGNED(c2), d2,            \
        FG_UNSIGNED(a1), b1, FG_UNSIGNED(a3), b3, FG_UNSIGNED(c1), d1, FG_UNSIGNED(c3), d3
#elif FG_THUMB1
/* All are weight + 128. */
#define FG_BLOCK(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3)                   \
    FG_UNSIGNED(a0), FG_UNSIGNED(a1), FG_UNSIGNED(a2), FG_UNSIGNED(a3), FG_UNSIGNED(b0),           \
        FG_UNSIGNED(b1), FG_UNSIGNED(b2), FG_UNSIGNED(b3), FG_UNSIGNED(c0), FG_UNSIGNED(c1),       \
        FG_UNSIGNED(c2), FG_UNSIGNED(c3), FG_UNSIGNED(d0), FG_UNSIGNED(d1), FG_UNSIGNED(d2),       \
        FG_UNSIGNED(d3)
#else
#define FG_BLOCK(...) __VA_ARGS__
#endif
