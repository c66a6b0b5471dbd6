/* What a unit's gate sees: weighted inputs and its own layer's last outputs. */
static float fg_gate_f32(const float *in, const float *w, int32_t n_in, const float *hidden,
                         const float *r, int32_t n_hidden)
{
    float seen = 0.0f;
    for (int32_t i = 0; i < n_in; i++) {
        seen += in[i] * w[i];
    }
    float remembered = 0.0f;
    for (int32_t i = 0; i < n_hidden; i++) {
        remembered += hidden[i] * r[i];
    }
    return seen + remembered;
}
