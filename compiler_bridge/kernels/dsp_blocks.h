#include "simd.h"

#if FG_DSP
/* Four taps of four rows, see rows_s8.h: one LDM for the weights, and no register to spare. */
#define FG_DSP_PAIR(in, w0, w1)                                                                    \
    "smlad %[a], %[" #in "], " #w0 ", %[a]\n\tsxtb16 " #w0 ", " #w0 ", ror #8\n\t"                 \
    "smlad %[c], %[" #in "], " #w1 ", %[c]\n\tsxtb16 " #w1 ", " #w1 ", ror #8\n\t"                 \
    "smlad %[b], %[" #in "], " #w0 ", %[b]\n\tsmlad %[d], %[" #in "], " #w1 ", %[d]\n\t"
#define FG_DSP_BLOCK                                                                               \
    "ldr %[odd], [%[x]], #4\n\tldmia %[w]!, {r4, r5, r6, r8}\n\t"                                  \
    "sxtb16 %[even], %[odd]\n\tsxtb16 %[odd], %[odd], ror #8\n\t"                                  \
    FG_DSP_PAIR(even, r4, r5) FG_DSP_PAIR(odd, r6, r8)

/* Adds the products of blocks, not 0, up to the input `end`. Two go round together; where their
 * number is odd, the first round has only one. */
#define FG_DSP_BLOCKS(in, end, weights, acc)                                                       \
    do {                                                                                           \
        uint32_t even, odd;                                                                        \
        __asm__("sub %[odd], %[e], %[x]\n\tlsls %[odd], %[odd], #29\n\tbmi 2f\n1:\n\t"             \
                FG_DSP_BLOCK "2:\n\t" FG_DSP_BLOCK "cmp %[x], %[e]\n\tbne 1b"                     \
                : [x] "+&r"(in), [w] "+&r"(weights), [a] "+&r"((acc)[0]), [b] "+&r"((acc)[1]),     \
                  [c] "+&r"((acc)[2]), [d] "+&r"((acc)[3]), [even] "=&r"(even), [odd] "=&r"(odd)   \
                : [e] "r"(end)                                                                     \
                : "r4", "r5", "r6", "r8", "cc", "memory");                                         \
    } while (0)
#endif
