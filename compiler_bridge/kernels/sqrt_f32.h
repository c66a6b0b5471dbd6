/* The square root of x >= 0 within a unit in the last place: the exponent is halved for a first
 * guess, and Newton's steps double its digits. */
static float fg_sqrt_f32(float x)
{
    if (!(x > 0.0f)) {
        return x < 0.0f ? (x - x) / (x - x) : x;
    }
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> 1) + 0x1fc00000u;
    float y;
    memcpy(&y, &bits, sizeof y);
    for (int32_t i = 0; i < 4; i++) {
        y = 0.5f * (y + x / y);
    }
    return y;
}
