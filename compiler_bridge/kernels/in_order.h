/* Keeps a compiler from computing what follows earlier, for which it would lack registers. */
#if defined(__GNUC__)
#define FG_NOT_BEFORE(x, w, acc)                                                                   \
    __asm__(""                                                                                     \
            : "+r"(x), "+r"(w), "+r"((acc)[0]), "+r"((acc)[1]), "+r"((acc)[2]), "+r"((acc)[3]))
#else
#define FG_NOT_BEFORE(x, w, acc)
#endif
