static inline FG_MAY_BE_UNUSED int32_t fg_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : (x > high ? high : x);
}
