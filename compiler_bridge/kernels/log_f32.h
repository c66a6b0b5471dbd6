/* ln(x) for normal x > 0 within 2 units in the last place: x = 2^k * m with m in
 * [sqrt(1/2), sqrt(2)), and ln(m) = 2 artanh((m - 1) / (m + 1)) by its series. */
static float fg_log_f32(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t shifted = bits - 0x3f3504f3u; /* the bits of sqrt(1/2) */
    const int32_t k = (int32_t)(shifted & 0xff800000u) / (1 << 23);
    bits -= shifted & 0xff800000u;
    float m;
    memcpy(&m, &bits, sizeof m);
    const float s = (m - 1.0f) / (m + 1.0f);
    const float z = s * s;
    float series = 2.0f / 9.0f;
    series = series * z + 2.0f / 7.0f;
    series = series * z + 2.0f / 5.0f;
    series = series * z + 2.0f / 3.0f;
    series = series * z * s + 2.0f * s;
    return (float)k * 0.693359375f + (series - (float)k * 2.12194440e-4f);
}
