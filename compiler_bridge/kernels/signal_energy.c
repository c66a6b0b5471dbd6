/* Squared magnitudes of the complex numbers from `first` up to `last`; 0 of the others. */
typedef struct {
    int32_t n, first, last;
} fg_signal_energy_t;

static void fg_signal_energy(const fg_signal_energy_t *p, const int16_t *in, uint32_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const uint32_t energy = (uint32_t)(in[0] * in[0]) + (uint32_t)(in[1] * in[1]);
        out[i] = i >= p->first && i < p->last ? energy : 0u;
        in += 2;
    }
}
