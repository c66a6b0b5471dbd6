/* The three functions of <string.h> that generated code may call.
 *
 * A freestanding compiler has no <string.h> (C99, 4p6). The macros let it expand copies of
 * constant size in line although freestanding mode turns that off; the functions themselves
 * are in memory_functions.c.
 */
#ifndef FITGRAPH_STRING_H
#define FITGRAPH_STRING_H

#include <stddef.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t n_bytes);
void *memmove(void *destination, const void *source, size_t n_bytes);
void *memset(void *destination, int value, size_t n_bytes);

#define memcpy(destination, source, n_bytes) __builtin_memcpy((destination), (source), (n_bytes))
#define memmove(destination, source, n_bytes) __builtin_memmove((destination), (source), (n_bytes))
#define memset(destination, value, n_bytes) __builtin_memset((destination), (value), (n_bytes))

#endif
