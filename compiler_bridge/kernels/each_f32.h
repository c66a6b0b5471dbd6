/* Defines a kernel that computes `result` of each float32 value x. */
#define FG_EACH_F32(name, result)                                                                  \
    typedef struct {                                                                               \
        float alpha, beta;                                                                         \
        int32_t n;                                                                                 \
    } fg_##name##_t;                                                                               \
    static void fg_##name(const fg_##name##_t *p, const float *in, float *out)                     \
    {                                                                                              \
        for (int32_t i = 0; i < p->n; i++) {                                                       \
            const float x = in[i];                                                                 \
            out[i] = result;                                                                       \
        }                                                                                          \
    }
