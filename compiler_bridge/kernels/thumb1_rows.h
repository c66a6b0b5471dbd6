#include "dot_rows_s8.h"

#if FG_THUMB1
#ifndef FG_OUTPUTS
/* Outputs of n channels; goes on behind them. */
#define FG_OUTPUTS(c, r, acc, n, out)                                                              \
    do {                                                                                           \
        FG_KEEP_ROLLED                                                                             \
        for (int32_t i = 0; i < (n); i++) {                                                        \
            *(out)++ = fg_output((c)++, r, (acc)[i]);                                              \
        }                                                                                          \
    } while (0)
#endif

/* Of eight rows: adds the product of r3 with the weight at `at` to a low register, or to a high one. */
#define FG_THUMB1_LOW(at, sum) "ldrb r4, [" at "]\n\tmuls r4, r3, r4\n\tadds " sum ", " sum ", r4\n\t"
#define FG_THUMB1_FAR(at, sum) "ldrb r4, [" at "]\n\tmuls r4, r3, r4\n\tadd " sum ", r4\n\t"

/* Of four rows: the same of r2. */
#define FG_THUMB1_OF_FOUR(at, sum)                                                                 \
    "ldrb r3, [r1, #" at "]\n\tmuls r3, r2, r3\n\tadds " sum ", " sum ", r3\n\t"

/* Input x with the weights that begin at w. */
#define FG_THUMB1_TAP_OF_EIGHT(x, w)                                                               \
    "movs r3, #" x "\n\tldrsb r3, [r0, r3]\n\tadd lr, r3\n\t"                                     \
    FG_THUMB1_LOW("r1, #" w, "r5") FG_THUMB1_LOW("r1, #" w " + 4", "r6")                           \
    FG_THUMB1_LOW("r1, #" w " + 8", "r7") FG_THUMB1_FAR("r1, #" w " + 12", "r8")                   \
    FG_THUMB1_FAR("r2, #" w, "r9") FG_THUMB1_FAR("r2, #" w " + 4", "r10")                          \
    FG_THUMB1_FAR("r2, #" w " + 8", "r11") FG_THUMB1_FAR("r2, #" w " + 12", "r12")

#define FG_THUMB1_TAP_OF_FOUR(x, w)                                                                \
    "movs r2, #" x "\n\tldrsb r2, [r0, r2]\n\tadd r12, r2\n\t"                                    \
    FG_THUMB1_OF_FOUR(w, "r4") FG_THUMB1_OF_FOUR(w " + 4", "r5")                                   \
    FG_THUMB1_OF_FOUR(w " + 8", "r6") FG_THUMB1_OF_FOUR(w " + 12", "r7")

/* The products of inputs with eight packed rows: four at `w`, four at `next`; returns where rows go on.
 *
 * An input is loaded once for eight products, and added to the sum of inputs, for the 128 in each weight.
 * That takes all registers: inputs in r0, weights in r1 and r2, an input in r3, a product in r4, sums in
 * r5 to r12, which can all be added to, the sum of inputs in lr. On the stack are `sums`, where the
 * caller's r8 to r11 wait, end, stop, line, the way from an end to the next line, last. */
static FG_NOINLINE __attribute__((naked)) const int8_t *
fg_thumb1_eight(const fg_taps *t FG_MAY_BE_UNUSED, const int8_t *w FG_MAY_BE_UNUSED,
                int32_t *sums FG_MAY_BE_UNUSED, const int8_t *next FG_MAY_BE_UNUSED)
{
    __asm__(".syntax unified\n\tpush {r4, r5, r6, r7, lr}\n\t"
            "mov r4, r8\n\tmov r5, r9\n\tmov r6, r10\n\tmov r7, r11\n\tstmia r2!, {r4, r5, r6, r7}\n\t"
            "subs r2, #16\n\tldr r4, [r0, #8]\n\tpush {r4}\n\t"
            "ldr r4, [r0, #4]\n\tldr r5, [r0, #12]\n\tldr r6, [r0, #16]\n\tldr r0, [r0]\n\t"
            "subs r7, r4, r0\n\tsubs r7, r6, r7\n\tpush {r2, r4, r5, r6, r7}\n\tmov r2, r3\n\t"
            "movs r5, #0\n\tmovs r6, #0\n\tmovs r7, #0\n\tmov r8, r5\n\tmov r9, r5\n\t"
            "mov r10, r5\n\tmov r11, r5\n\tmov r12, r5\n\tmov lr, r5\n\t"
            "ldr r3, [sp, #4]\n\tcmp r0, r3\n\tbne 1f\n\tb 4f\n"
            /* Two blocks go round together; where their number is odd, the first round has only one. */
            "1:\n\tldr r3, [sp, #4]\n\tsubs r4, r3, r0\n\tlsls r4, r4, #29\n\tbpl 2f\n\t"
            "subs r0, #4\n\tsubs r1, #16\n\tsubs r2, #16\n\tb 3f\n"
            "2:\n\t.irp i, 0, 1, 2, 3\n\t" FG_THUMB1_TAP_OF_EIGHT("\\i", "\\i") ".endr\n"
            "3:\n\t.irp i, 16, 17, 18, 19\n\t" FG_THUMB1_TAP_OF_EIGHT("\\i - 12", "\\i") ".endr\n\t"
            "adds r0, #8\n\tadds r1, #32\n\tadds r2, #32\n\t"
            "ldr r3, [sp, #4]\n\tcmp r0, r3\n\tbeq 4f\n\tb 2b\n4:\n\t"
            /* The next line. */
            "ldr r4, [sp, #16]\n\tadds r0, r0, r4\n\tldr r4, [sp, #12]\n\tadds r3, r3, r4\n\t"
            "str r3, [sp, #4]\n\tldr r4, [sp, #8]\n\tcmp r3, r4\n\tbeq 6f\n\tb 1b\n6:\n\t"
            /* The last four inputs, if they lie elsewhere. */
            "ldr r0, [sp, #20]\n\tcmp r0, #0\n\tbeq 5f\n\tmovs r3, #0\n\tstr r3, [sp, #12]\n\t"
            "str r3, [sp, #20]\n\tadds r3, r0, #4\n\tstr r3, [sp, #4]\n\tstr r3, [sp, #8]\n\tb 1b\n"
            "5:\n\tmov r4, lr\n\tlsls r4, r4, #7\n\tmov r0, r2\n\tldr r3, [sp]\n\t"
            "subs r5, r5, r4\n\tsubs r6, r6, r4\n\tsubs r7, r7, r4\n\t"
            "mov r1, r9\n\tsubs r1, r1, r4\n\tstr r1, [r3, #16]\n\t"
            "mov r1, r10\n\tsubs r1, r1, r4\n\tstr r1, [r3, #20]\n\t"
            "mov r1, r11\n\tsubs r1, r1, r4\n\tstr r1, [r3, #24]\n\t"
            "mov r1, r12\n\tsubs r1, r1, r4\n\tstr r1, [r3, #28]\n\t"
            "mov r1, r8\n\tsubs r4, r1, r4\n\t"
            "ldr r1, [r3]\n\tmov r8, r1\n\tldr r1, [r3, #4]\n\tmov r9, r1\n\t"
            "ldr r1, [r3, #8]\n\tmov r10, r1\n\tldr r1, [r3, #12]\n\tmov r11, r1\n\t"
            "str r4, [r3, #12]\n\tstmia r3!, {r5, r6, r7}\n\t"
            "add sp, #24\n\tpop {r4, r5, r6, r7, pc}");
}

/* The same of four rows, whose inputs lie in one line and at last. Sums are in low registers, the sum
 * of inputs and the end in r12 and lr; on the stack are `last` and `sums`. */
static FG_NOINLINE __attribute__((naked)) const int8_t *
fg_thumb1_four(const fg_taps *t FG_MAY_BE_UNUSED, const int8_t *w FG_MAY_BE_UNUSED,
               int32_t *sums FG_MAY_BE_UNUSED)
{
    __asm__(".syntax unified\n\tpush {r2, r4, r5, r6, r7, lr}\n\tldr r3, [r0, #8]\n\tpush {r3}\n\t"
            "ldr r3, [r0, #4]\n\tmov lr, r3\n\tldr r0, [r0]\n\tmovs r4, #0\n\tmovs r5, #0\n\t"
            "movs r6, #0\n\tmovs r7, #0\n\tmov r12, r4\n\tsubs r3, r3, r0\n\tbne 1f\n\tb 4f\n"
            "1:\n\tlsls r3, r3, #29\n\tbpl 2f\n\tsubs r0, #4\n\tsubs r1, #16\n\tb 3f\n"
            "2:\n\t.irp i, 0, 1, 2, 3\n\t" FG_THUMB1_TAP_OF_FOUR("\\i", "\\i") ".endr\n"
            "3:\n\t.irp i, 16, 17, 18, 19\n\t" FG_THUMB1_TAP_OF_FOUR("\\i - 12", "\\i") ".endr\n\t"
            "adds r0, #8\n\tadds r1, #32\n\tcmp r0, lr\n\tbne 2b\n"
            "4:\n\tpop {r0}\n\tmovs r3, #0\n\tpush {r3}\n\tadds r3, r0, #4\n\tmov lr, r3\n\t"
            "subs r3, r3, r0\n\tcmp r0, #0\n\tbeq 5f\n\tb 1b\n5:\n\t"
            "mov r0, r1\n\tmov r1, r12\n\tlsls r1, r1, #7\n\tsubs r4, r4, r1\n\t"
            "subs r5, r5, r1\n\tsubs r6, r6, r1\n\tsubs r7, r7, r1\n\t"
            "pop {r1, r2}\n\tstmia r2!, {r4, r5, r6, r7}\n\tpop {r4, r5, r6, r7, pc}");
}

/* The same of one row. */
static FG_NOINLINE const int8_t *fg_thumb1_one(const fg_taps *t, const int8_t *w, int32_t *sums)
{
    return fg_dot1(t, w, sums);
}

/* All outputs of the inputs. These are read again for every eight outputs, so none may be
 * overwritten before the last. */
static FG_NOINLINE void fg_rows_s8(const fg_rows *rows, const fg_taps *t, int8_t *out)
{
    const int8_t *w = rows->weights;
    const fg_channel *channel = rows->channels;
    int32_t left = rows->out_n;
    FG_KEEP_ROLLED
    while (left > 0) {
        int32_t sums[8];
        int32_t n = left >= 8 ? 8 : (left >= 4 ? 4 : 1);
        w = n == 8 ? fg_thumb1_eight(t, w, sums, w + t->four_rows)
                   : (n == 4 ? fg_thumb1_four(t, w, sums) : fg_thumb1_one(t, w, sums));
        FG_OUTPUTS(channel, &rows->range, sums, n, out);
        left -= n;
    }
}
#endif
