#include "simd.h"

#if FG_DSP
/* One tap of four channels side by side, see depthwise_s8.c; compilers run out of registers here. */
#define FG_DSP_TAP(place, k)                                                                       \
    "ldr %[x1], [%[x]" place "]\n\tldr %[w1], [%[w], #" #k "]\n\t"                                 \
    "sxtab16 %[x0], %[o], %[x1]\n\tsxtab16 %[x1], %[o], %[x1], ror #8\n\t"                         \
    "sxtb16 %[w0], %[w1]\n\tsxtb16 %[w1], %[w1], ror #8\n\t"                                       \
    "smlabb %[a], %[x0], %[w0], %[a]\n\tsmlatt %[c], %[x0], %[w0], %[c]\n\t"                       \
    "smlabb %[b], %[x1], %[w1], %[b]\n\tsmlatt %[d], %[x1], %[w1], %[d]\n\t"

#define FG_DSP_TAPS(taps, in, step, weights, offset, acc)                                          \
    do {                                                                                           \
        uint32_t x0, x1, w0, w1;                                                                   \
        __asm__(taps                                                                               \
                : [a] "+r"((acc)[0]), [b] "+r"((acc)[1]), [c] "+r"((acc)[2]), [d] "+r"((acc)[3]),  \
                  [x0] "=&r"(x0), [x1] "=&r"(x1), [w0] "=&r"(w0), [w1] "=&r"(w1)                   \
                : [x] "r"(in), [s] "r"(step), [w] "r"(weights), [o] "r"(offset)                    \
                : "memory");                                                                       \
    } while (0)

/* Adds the products of one tap or three, their inputs `step` apart, to the sums of four channels. */
#define FG_DSP_ONE_TAP(in, weights, offset, acc)                                                   \
    FG_DSP_TAPS(FG_DSP_TAP("", 0), in, in, weights, offset, acc)
#define FG_DSP_THREE_TAPS(in, step, weights, offset, acc)                                          \
    FG_DSP_TAPS(FG_DSP_TAP("", 0) FG_DSP_TAP(", %[s]", 4) FG_DSP_TAP(", %[s], lsl #1", 8), in,     \
                step, weights, offset, acc)
#endif
