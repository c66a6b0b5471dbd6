/* Armv6-M and the baseline of Armv8-M have eight registers for most of what they do. The products of
 * inputs with four rows need them all, which compilers do not manage to keep there. */
#if defined(__GNUC__) && defined(__thumb__) && !defined(__thumb2__) && defined(__OPTIMIZE__)
#define FG_THUMB1 1

/* Copies n bytes, four at a time, then those left over from the last on. */
#define FG_THUMB1_COPY(in, n, out)                                                                 \
    do {                                                                                           \
        int32_t byte;                                                                              \
        __asm__ __volatile__(                                                                      \
            ".syntax unified\n\tsubs %[n], #4\n\tbmi 2f\n1:\n\t"                                 \
            "ldrb %[t], [%[x]]\n\tstrb %[t], [%[to]]\n\t"                                         \
            "ldrb %[t], [%[x], #1]\n\tstrb %[t], [%[to], #1]\n\t"                                 \
            "ldrb %[t], [%[x], #2]\n\tstrb %[t], [%[to], #2]\n\t"                                 \
            "ldrb %[t], [%[x], #3]\n\tstrb %[t], [%[to], #3]\n\t"                                 \
            "adds %[x], #4\n\tadds %[to], #4\n\tsubs %[n], #4\n\tbpl 1b\n2:\n\t"                \
            "adds %[n], #4\n\tbeq 4f\n3:\n\t"                                                    \
            "subs %[n], #1\n\tldrb %[t], [%[x], %[n]]\n\tstrb %[t], [%[to], %[n]]\n\t"           \
            "bne 3b\n4:"                                                                           \
            : [x] "+&l"(in), [n] "+&l"(n), [to] "+&l"(out), [t] "=&l"(byte)                        \
            :                                                                                      \
            : "cc", "memory");                                                                     \
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

/* Outputs from sums up to `end`, which is not the first: what fg_narrow_requantize computes, of each
 * channel's doubled bias, multiplier and shift. */
#define FG_THUMB1_OUTPUTS(channels, center, sums, end, outputs)                                    \
    do {                                                                                           \
        const int32_t *sum = (sums);                                                               \
        int32_t high, low, m_high, m_low, middle;                                                  \
        __asm__ __volatile__(                                                                      \
            ".syntax unified\n1:\n\t"                                                             \
            "ldmia %[s]!, {%[h]}\n\tldmia %[c]!, {%[l]}\n\tldmia %[c]!, {%[mh]}\n\t"              \
            "asrs %[l], %[l], #1\n\tadds %[h], %[h], %[l]\n\t"                                    \
            "sxth %[l], %[h]\n\tsubs %[h], %[h], %[l]\n\tasrs %[h], %[h], #16\n\t"               \
            "uxth %[ml], %[mh]\n\tlsrs %[mh], %[mh], #16\n\t"                                     \
            "mov %[t], %[ml]\n\tmuls %[t], %[l], %[t]\n\tasrs %[t], %[t], #16\n\t"               \
            "muls %[ml], %[h], %[ml]\n\tadds %[t], %[t], %[ml]\n\t"                               \
            "muls %[l], %[mh], %[l]\n\tadds %[t], %[t], %[l]\n\t"                                 \
            "add %[t], %[half]\n\tasrs %[t], %[t], #15\n\t"                                       \
            "muls %[h], %[mh], %[h]\n\tlsls %[h], %[h], #1\n\tadds %[h], %[h], %[t]\n\t"         \
            "asrs %[t], %[h], #31\n\tadds %[h], %[h], %[t]\n\t"                                   \
            "ldmia %[c]!, {%[t]}\n\tasrs %[h], %[h], %[t]\n\t"                                    \
            "add %[h], %[z]\n\tasrs %[h], %[h], #1\n\t"                                           \
            "sxtb %[t], %[h]\n\tcmp %[t], %[h]\n\tbeq 2f\n\t"                                    \
            "asrs %[h], %[h], #31\n\tmovs %[t], #127\n\teors %[h], %[t]\n2:\n\t"                \
            "strb %[h], [%[o]]\n\tadds %[o], #1\n\tcmp %[s], %[e]\n\tbne 1b"                     \
            : [c] "+&l"(channels), [s] "+&l"(sum), [o] "+&l"(outputs), [h] "=&l"(high),              \
              [l] "=&l"(low), [mh] "=&l"(m_high), [ml] "=&l"(m_low), [t] "=&l"(middle)             \
            : [half] "h"(1 << 14), [z] "h"(center), [e] "h"(end)                                   \
            : "cc", "memory");                                                                     \
    } while (0)
#else
#define FG_THUMB1 0
#define FG_THUMB1_HIGH 0
#endif
