#include "clamp.h"
#include "multiply_fixed.h"
#include "sigmoid_s16.h"

/* What gates do to an int16 cell and to the hidden state (TensorFlow Lite). Gates are in steps of
 * 2^-15, the sums of which their functions are taken in steps of 2^-12. */
typedef struct {
    const uint16_t *sigmoid;                 /* see sigmoid_s16.h */
    int32_t forget_multiplier, forget_shift; /* gate * cell to the cell */
    int32_t input_multiplier, input_shift;   /* gate * gate to the cell */
    int32_t output_multiplier, output_shift; /* gate * gate to the hidden state */
    int32_t cell_multiplier, cell_shift;     /* cell to the steps of the table */
    int32_t clip;                            /* of the cell, 0 for none */
    int32_t hidden_zero_point;
} fg_lstm_rules;

static inline int32_t fg_clamp_s16(int32_t x)
{
    return fg_clamp(x, -32768, 32767);
}

static inline int32_t fg_lstm_sigmoid(const fg_lstm_rules *r, int32_t sum)
{
    return fg_logistic_q15(r->sigmoid, 3 * sum);
}

/* From the sums of the input, forget and cell gates. */
static int32_t fg_lstm_next_cell(const fg_lstm_rules *r, int32_t input, int32_t forget, int32_t next,
                                 int32_t cell)
{
    const int32_t i = fg_lstm_sigmoid(r, input);
    const int32_t f = fg_lstm_sigmoid(r, forget);
    const int32_t g = fg_tanh_q15(r->sigmoid, 3 * next);
    const int32_t kept = fg_clamp_s16(fg_multiply(f * cell, r->forget_multiplier, r->forget_shift));
    const int32_t added = fg_clamp_s16(fg_multiply(i * g, r->input_multiplier, r->input_shift));
    const int32_t c = fg_clamp_s16(kept + added);
    return r->clip > 0 ? fg_clamp(c, -r->clip, r->clip) : c;
}

/* From the sum of the output gate. */
static int32_t fg_lstm_hidden(const fg_lstm_rules *r, int32_t output, int32_t cell)
{
    const int32_t half = r->cell_shift > 0 ? 1 << (r->cell_shift - 1) : 0;
    const int32_t steps = (cell * r->cell_multiplier + half) >> r->cell_shift;
    const int32_t product = fg_tanh_q15(r->sigmoid, steps) * fg_lstm_sigmoid(r, output);
    return fg_multiply(product, r->output_multiplier, r->output_shift) + r->hidden_zero_point;
}
