/* Armv6-M and the baseline of Armv8-M have eight registers for most of what they do. The products of
 * one tap with four rows need them all, which compilers do not manage to keep there. */
#if defined(__GNUC__) && defined(__thumb__) && !defined(__thumb2__) && defined(__OPTIMIZE__)
#define FG_THUMB1 1

/* A weight without a sign is loaded in one instruction, one with a sign in two. */
#define FG_THUMB1_UNSIGNED(k, sum)                                                                 \
    "ldrb %[t], [%[w], #" #k "]\n\tmuls %[t], %[v], %[t]\n\tadds %[" #sum "], %[" #sum "], %[t]\n\t"
#define FG_THUMB1_SIGNED(k, sum)                                                                   \
    "movs %[t], #" #k "\n\tldrsb %[t], [%[w], %[t]]\n\t"                                           \
    "muls %[t], %[v], %[t]\n\tadds %[" #sum "], %[" #sum "], %[t]\n\t"

/* Adds the products of in[i] with weights k, k + 1, k + 4 and k + 5. */
#define FG_THUMB1_TAP(in, i, weights, k, acc)                                                      \
    do {                                                                                           \
        int32_t input, weight;                                                                     \
        __asm__(".syntax unified\n\tmovs %[v], #" #i "\n\tldrsb %[v], [%[x], %[v]]\n\t"            \
                FG_THUMB1_UNSIGNED(k, a) FG_THUMB1_SIGNED(k + 1, b)                                \
                FG_THUMB1_UNSIGNED(k + 4, c) FG_THUMB1_SIGNED(k + 5, d)                            \
                : [v] "=&l"(input), [t] "=&l"(weight), [a] "+l"((acc)[0]), [b] "+l"((acc)[1]),     \
                  [c] "+l"((acc)[2]), [d] "+l"((acc)[3])                                           \
                : [x] "l"(in), [w] "l"(weights)                                                    \
                : "cc", "memory");                                                                 \
    } while (0)
#else
#define FG_THUMB1 0
#endif
