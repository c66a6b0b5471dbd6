/* sin(x + quarters * pi / 2): x is taken to the nearest multiple of pi / 2, which three parts of it
 * do without loss for some thousand turns (Cody and Waite), and Taylor polynomials give sine and cosine of
 * what is left, |r| <= pi / 4. */
static float fg_sin_f32(float x, int32_t quarters)
{
    if (!(x > -1.0e9f && x < 1.0e9f)) {
        return x - x; /* NaN of infinity and NaN; so far out float32 has lost the angle */
    }
    const float turns = x * 0.636619772f;
    const int32_t k = (int32_t)(turns < 0.0f ? turns - 0.5f : turns + 0.5f);
    const float n = (float)k;
    const float r = ((x - n * 1.5703125f) - n * 4.837512969970703125e-4f) - n * 7.549789948768648e-8f;
    const float z = r * r;
    const int32_t quarter = (int32_t)((uint32_t)k + (uint32_t)quarters);
    float y;
    if (quarter & 1) {
        y = (-1.0f / 3628800.0f) * z + 1.0f / 40320.0f;
        y = y * z - 1.0f / 720.0f;
        y = y * z + 1.0f / 24.0f;
        y = y * z - 0.5f;
        y = y * z + 1.0f;
    } else {
        y = (1.0f / 362880.0f) * z - 1.0f / 5040.0f;
        y = y * z + 1.0f / 120.0f;
        y = y * z - 1.0f / 6.0f;
        y = y * z * r + r;
    }
    return quarter & 2 ? -y : y;
}
