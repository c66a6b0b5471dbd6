#include <arm_nnfunctions.h>

/* What happens where CMSIS-NN refuses a call, or wants more memory than is there for it: it was
 * compiled for another core than the arena was planned for. */
#ifndef FG_CMSIS_NN_REFUSED
#define FG_CMSIS_NN_REFUSED() __builtin_trap()
#endif

static inline void fg_cmsis_nn_require(bool holds)
{
    if (!holds) {
        FG_CMSIS_NN_REFUSED();
    }
}

static inline void fg_cmsis_nn_done(arm_cmsis_nn_status status)
{
    fg_cmsis_nn_require(status == ARM_CMSIS_NN_SUCCESS);
}
