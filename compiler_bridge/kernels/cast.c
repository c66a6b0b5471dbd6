/* Numbers from one type to another. Types: 1, 2 and 4 are integers of so many bytes, 5 float32, 6 a
 * truth in a byte, 7 an unsigned byte. Integers wrap around; a real is cut to an integer, the nearest
 * one where it is too large, 0 where it is none. */
typedef struct {
    int32_t from, to, n;
} fg_cast_t;

static inline int32_t fg_whole_of(float x)
{
    if (x >= 2147483648.0f) {
        return INT32_MAX;
    }
    return x >= -2147483648.0f ? (int32_t)x : (x < 0.0f ? INT32_MIN : 0);
}

static inline int32_t fg_is_not_zero(float x)
{
    return !(x >= 0.0f && x <= 0.0f);
}

static inline int32_t fg_number_at(const void *in, int32_t type, int32_t i)
{
    switch (type) {
    case 1: return ((const int8_t *)in)[i];
    case 2: return ((const int16_t *)in)[i];
    case 4: return ((const int32_t *)in)[i];
    case 6: return ((const uint8_t *)in)[i] != 0;
    default: return ((const uint8_t *)in)[i];
    }
}

static void fg_cast(const fg_cast_t *p, const void *in, void *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        const int32_t is_real = p->from == 5;
        const float real = is_real ? ((const float *)in)[i] : (float)fg_number_at(in, p->from, i);
        if (p->to == 5) {
            ((float *)out)[i] = real;
            continue;
        }
        const int32_t x = is_real ? fg_whole_of(real) : fg_number_at(in, p->from, i);
        switch (p->to) {
        case 1: ((int8_t *)out)[i] = (int8_t)x; break;
        case 2: ((int16_t *)out)[i] = (int16_t)x; break;
        case 4: ((int32_t *)out)[i] = x; break;
        case 6: ((uint8_t *)out)[i] = (uint8_t)(is_real ? fg_is_not_zero(real) : x != 0); break;
        default: ((uint8_t *)out)[i] = (uint8_t)x; break;
        }
    }
}
