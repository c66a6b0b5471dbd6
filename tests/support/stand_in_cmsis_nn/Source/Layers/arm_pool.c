#include "arm_nnsupportfunctions.h"

/* Sum, count and maximum of a channel in a window. */
typedef struct {
    int32_t sum, n, most;
} seen;

static seen look(const cmsis_nn_pool_params *p, const cmsis_nn_dims *in, const int8_t *x,
                 const cmsis_nn_dims *filter, int32_t row, int32_t column)
{
    seen found = {0, 0, -128};
    for (int32_t tap = 0; tap < filter->h * filter->w; tap++) {
        const int32_t h = row * p->stride.h - p->padding.h + tap / filter->w;
        const int32_t w = column * p->stride.w - p->padding.w + tap % filter->w;
        if (h >= 0 && w >= 0 && h < in->h && w < in->w) {
            const int32_t value = x[(h * in->w + w) * in->c];
            found.sum += value;
            found.n++;
            found.most = value > found.most ? value : found.most;
        }
    }
    return found;
}

static int8_t within(int32_t value, cmsis_nn_activation range)
{
    return (int8_t)(value < range.min ? range.min : value > range.max ? range.max : value);
}

int32_t arm_avgpool_s8_get_buffer_size(int out_w, int channels)
{
    (void)out_w;
    (void)channels;
    return 0;
}

arm_cmsis_nn_status arm_avgpool_s8(const cmsis_nn_context *context,
                                   const cmsis_nn_pool_params *params, const cmsis_nn_dims *in,
                                   const int8_t *x, const cmsis_nn_dims *filter,
                                   const cmsis_nn_dims *out, int8_t *y)
{
    for (int32_t i = 0; i < out->h * out->w * out->c; i++) {
        const int32_t pixel = i / out->c;
        const seen all =
            look(params, in, x + i % out->c, filter, pixel / out->w, pixel % out->w);
        if (all.n == 0) {
            return ARM_CMSIS_NN_ARG_ERROR;
        }
        const int32_t half = all.sum > 0 ? all.n / 2 : -(all.n / 2);
        *y++ = within((all.sum + half) / all.n, params->activation);
    }
    arm_nn_spoil(context);
    return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_max_pool_s8(const cmsis_nn_context *context,
                                    const cmsis_nn_pool_params *params, const cmsis_nn_dims *in,
                                    const int8_t *x, const cmsis_nn_dims *filter,
                                    const cmsis_nn_dims *out, int8_t *y)
{
    (void)context;
    for (int32_t n = 0; n < in->n; n++, x += in->h * in->w * in->c) {
        for (int32_t i = 0; i < out->h * out->w * out->c; i++) {
            const int32_t pixel = i / out->c;
            const seen all =
                look(params, in, x + i % out->c, filter, pixel / out->w, pixel % out->w);
            *y++ = within(all.most, params->activation);
        }
    }
    return ARM_CMSIS_NN_SUCCESS;
}
