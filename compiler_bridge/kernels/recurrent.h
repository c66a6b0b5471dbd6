/* How a recurrent layer walks over its data, in elements. */
typedef struct {
    int32_t steps, batch, inputs, units;
    int32_t in_step, in_batch;   /* to the next step, to the next sequence */
    int32_t out_start, out_step, out_batch;
    int32_t reverse; /* 1 begins with the last step */
} fg_sequence;

static inline FG_MAY_BE_UNUSED int32_t fg_step_at(const fg_sequence *s, int32_t step)
{
    return s->reverse ? s->steps - 1 - step : step;
}
