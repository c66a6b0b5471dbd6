/* Armv6-M and the baseline of Armv8-M have eight registers for most of what they do. The products of
 * inputs with four rows need them all, which compilers do not manage to keep there. */
#if defined(__GNUC__) && defined(__thumb__) && !defined(__thumb2__) && defined(__OPTIMIZE__)
#define FG_THUMB1 1

/* Input i, which has a sign, and weights k, k + 4, k + 8 and k + 12, which have none: those are loaded
 * in one instruction, not two. */
#define FG_THUMB1_PRODUCT(k, sum)                                                                  \
    "ldrb %[t], [%[w], #" #k "]\n\tmuls %[t], %[v], %[t]\n\tadds %[" #sum "], %[" #sum "], %[t]\n\t"
#define FG_THUMB1_TAP(i, k)                                                                        \
    "movs %[v], #" #i "\n\tldrsb %[v], [%[x], %[v]]\n\t"                                           \
    FG_THUMB1_PRODUCT(k, a) FG_THUMB1_PRODUCT(k + 4, b)                                            \
    FG_THUMB1_PRODUCT(k + 8, c) FG_THUMB1_PRODUCT(k + 12, d)

/* Adds the products of blocks, not 0, up to the input `end`. Two go round together; where their
 * number is odd, the first round has only the second. */
#define FG_THUMB1_BLOCKS(in, end, weights, acc)                                                    \
    do {                                                                                           \
        const int32_t odd = ((end) - (in)) & 4;                                                    \
        int32_t input = odd, weight;                                                               \
        (in) -= odd;                                                                               \
        (weights) -= 4 * odd;                                                                      \
        __asm__(".syntax unified\n\tcmp %[v], #0\n\tbne 2f\n1:\n\t"                                \
                FG_THUMB1_TAP(0, 0) FG_THUMB1_TAP(1, 1) FG_THUMB1_TAP(2, 2) FG_THUMB1_TAP(3, 3)    \
                "2:\n\t"                                                                           \
                FG_THUMB1_TAP(4, 16) FG_THUMB1_TAP(5, 17)                                          \
                FG_THUMB1_TAP(6, 18) FG_THUMB1_TAP(7, 19)                                          \
                "adds %[x], #8\n\tadds %[w], #32\n\tcmp %[x], %[e]\n\tbne 1b"                      \
                : [v] "+&l"(input), [t] "=&l"(weight), [a] "+&l"((acc)[0]), [b] "+&l"((acc)[1]),   \
                  [c] "+&l"((acc)[2]), [d] "+&l"((acc)[3]), [x] "+&l"(in), [w] "+&l"(weights)      \
                : [e] "h"(end)                                                                     \
                : "cc", "memory");                                                                 \
    } while (0)

/* GCC gives no high registers away where it optimises a whole file for size. */
#if defined(__clang__) || !defined(__OPTIMIZE_SIZE__)
#define FG_THUMB1_HIGH 1
#else
#define FG_THUMB1_HIGH 0
#endif

/* Adds the product of channel k. High registers can be added to, which is all that sums need. */
#define FG_THUMB1_CHANNEL(k, sum)                                                                  \
    "movs %[v], #" #k "\n\tldrsb %[v], [%[x], %[v]]\n\tadds %[v], %[v], %[o]\n\t"                  \
    "movs %[t], #" #k "\n\tldrsb %[t], [%[w], %[t]]\n\t"                                           \
    "muls %[t], %[v], %[t]\n\tadd %[" #sum "], %[t]\n\t"

/* Adds the products of taps, not 0, up to the weights `end` to the sums of four channels. */
#define FG_THUMB1_TAPS(in, step, weights, end, offset, acc)                                        \
    do {                                                                                           \
        int32_t input, weight;                                                                     \
        __asm__(".syntax unified\n1:\n\t"                                                          \
                FG_THUMB1_CHANNEL(0, a) FG_THUMB1_CHANNEL(1, b)                                    \
                FG_THUMB1_CHANNEL(2, c) FG_THUMB1_CHANNEL(3, d)                                    \
                "adds %[x], %[x], %[s]\n\tadds %[w], #4\n\tcmp %[w], %[e]\n\tbne 1b"                \
                : [v] "=&l"(input), [t] "=&l"(weight), [x] "+&l"(in), [w] "+&l"(weights),          \
                  [a] "+&h"((acc)[0]), [b] "+&h"((acc)[1]), [c] "+&h"((acc)[2]),                   \
                  [d] "+&h"((acc)[3])                                                              \
                : [s] "l"(step), [o] "l"(offset), [e] "l"(end)                                     \
                : "cc", "memory");                                                                 \
    } while (0)
#else
#define FG_THUMB1 0
#define FG_THUMB1_HIGH 0
#endif
