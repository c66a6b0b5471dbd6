#include "exp_f32.h"

/* The error function within 2^-22: a polynomial in x^2 up to 1, beyond one in 1 / (1 + x / 2) times
 * e^(-x^2). Both were fitted at Chebyshev's points. */
static float fg_erf_f32(float x)
{
    const float d = x < 0.0f ? -x : x;
    float y;
    if (d < 1.0f) {
        const float z = x * x;
        y = 7.8824974e-5f;
        y = y * z - 8.0188550e-4f;
        y = y * z + 5.1893122e-3f;
        y = y * z - 2.6854329e-2f;
        y = y * z + 1.1283597e-1f;
        y = y * z - 3.7612626e-1f;
        y = y * z + 1.1283791f;
        return y * x;
    }
    if (d > 4.2f) {
        y = 0.0f;
    } else {
        const float u = 1.0f / (1.0f + 0.5f * d);
        y = -5.7963364e-2f;
        y = y * u - 4.3767180e-2f;
        y = y * u + 3.8665774e-1f;
        y = y * u + 1.1274845e-1f;
        y = y * u + 3.2657173e-1f;
        y = y * u + 2.7445546e-1f;
        y = y * u + 5.3875055e-4f;
        y *= fg_exp_f32(-d * d);
    }
    return x < 0.0f ? y - 1.0f : 1.0f - y;
}
