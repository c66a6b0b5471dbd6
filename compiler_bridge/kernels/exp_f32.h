/* e^x within 2 units in the last place: e^x = 2^k * e^r with |r| <= ln(2) / 2, ln(2) split in two
 * (Cody and Waite) and a Taylor polynomial for e^r. */
static float fg_exp_f32(float x)
{
    if (x > 88.0f) {
        x = 88.0f;
    }
    if (!(x > -87.0f)) {
        return x < 0.0f ? 0.0f : x; /* underflow, or NaN */
    }
    const float scaled = x * 1.44269504f;
    const int32_t k = (int32_t)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
    const float r = (x - (float)k * 0.693359375f) - (float)k * -2.12194440e-4f;
    float y = 1.0f / 5040.0f;
    y = y * r + 1.0f / 720.0f;
    y = y * r + 1.0f / 120.0f;
    y = y * r + 1.0f / 24.0f;
    y = y * r + 1.0f / 6.0f;
    y = y * r + 0.5f;
    y = y * r + 1.0f;
    y = y * r + 1.0f;
    const uint32_t bits = (uint32_t)(k + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return y * power;
}
