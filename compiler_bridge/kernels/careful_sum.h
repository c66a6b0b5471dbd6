/* A sum of float32 that carries what each addition loses (Kahan): terms far larger than their sum. */
typedef struct {
    float y, lost;
} fg_careful_sum;

static inline void fg_add_carefully(fg_careful_sum *sum, float x)
{
    const float more = x - sum->lost;
    const float y = sum->y + more;
    sum->lost = (y - sum->y) - more;
    sum->y = y;
}
