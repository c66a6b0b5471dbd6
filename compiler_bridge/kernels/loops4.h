/* Four nested loops over two operands with a stride for each axis, 0 where it is broadcast. */
typedef struct {
    int32_t size[4];
    int32_t a_stride[4];
    int32_t b_stride[4];
} fg_loops4;

/* Runs statement for each row of the last axis with ia and ib set to the operands' first indices. */
#define FG_ROWS4(l, statement)                                                                     \
    for (int32_t i0 = 0; i0 < (l)->size[0]; i0++) {                                                \
        for (int32_t i1 = 0; i1 < (l)->size[1]; i1++) {                                            \
            for (int32_t i2 = 0; i2 < (l)->size[2]; i2++) {                                        \
                int32_t ia = i0 * (l)->a_stride[0] + i1 * (l)->a_stride[1] + i2 * (l)->a_stride[2]; \
                int32_t ib = i0 * (l)->b_stride[0] + i1 * (l)->b_stride[1] + i2 * (l)->b_stride[2]; \
                statement;                                                                         \
            }                                                                                      \
        }                                                                                          \
    }

/* Runs statement for each element with ia and ib set to the operands' indices. */
#define FG_LOOPS4(l, statement)                                                                    \
    FG_ROWS4(l, for (int32_t i3 = 0; i3 < (l)->size[3]; i3++) {                                    \
        statement;                                                                                 \
        ia += (l)->a_stride[3];                                                                    \
        ib += (l)->b_stride[3];                                                                    \
    })
