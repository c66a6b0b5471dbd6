#include "window.h"

/* Runs statement for each output pixel of each image `in` of `in_c` channels, see FG_EACH_PIXEL. */
#define FG_PIXELS(p, in, in_c, dilation_y, dilation_x, statement)                                  \
    for (int32_t b = 0; b < (p)->batch; b++) {                                                     \
        FG_EACH_PIXEL(p, dilation_y, dilation_x, statement)                                        \
        (in) += (p)->in_h * (p)->in_w * (in_c);                                                    \
    }

/* The same for a convolution. */
#define FG_CONV_PIXELS(p, in, statement)                                                           \
    FG_PIXELS(p, in, (p)->in_c, (p)->dilation_h, (p)->dilation_w, statement)

/* Runs statement for each output of each pixel of a convolution in groups: it is channel `oc`, sees the
 * channels of its group from `x` on, which are `group_c`, and has the filter `w`. */
#define FG_FILTERS(p, in, type, weight, statement)                                                 \
    const int32_t group_c = (p)->in_c / (p)->groups;                                               \
    const int32_t out_per_group = (p)->out_c / (p)->groups;                                        \
    const int32_t filter_size = (p)->kernel_h * (p)->kernel_w * group_c;                           \
    FG_CONV_PIXELS(p, in, for (int32_t oc = 0; oc < (p)->out_c; oc++) {                            \
        const type *x = in + oc / out_per_group * group_c;                                         \
        const weight *w = (p)->weights + oc * filter_size;                                         \
        statement                                                                                  \
    })
