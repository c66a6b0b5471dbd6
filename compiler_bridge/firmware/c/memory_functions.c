/* Small memcpy, memmove and memset, with the names that the Arm run-time ABI adds to them
 * (RTABI32, section 4.3.4). They move words where the core allows it and bytes elsewhere.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(__ARM_FEATURE_UNALIGNED)
/* Armv7-M and Armv8-M main line load and store words at any address (Armv7-M ARM, A3.2.1). */
#define NEEDS_ALIGNMENT 0
typedef struct __attribute__((packed, may_alias)) {
  uint32_t value;
} word_t;
#else
#define NEEDS_ALIGNMENT 1
typedef struct __attribute__((may_alias)) {
  uint32_t value;
} word_t;
#endif

#define WORD_BYTES sizeof(uint32_t)
#define WORDS_ALLOWED(address) ((NEEDS_ALIGNMENT == 0) || (((address) & (WORD_BYTES - 1u)) == 0u))

void *memmove(void *destination, const void *source, size_t n_bytes);
void *memset(void *destination, int value, size_t n_bytes);

void *memmove(void *destination, const void *source, size_t n_bytes) {
  uint8_t *to = destination;
  const uint8_t *from = source;
  /* Unsigned wrap makes this true also where the destination lies below the source. */
  if ((uintptr_t)to - (uintptr_t)from >= n_bytes) {
    if (WORDS_ALLOWED((uintptr_t)to | (uintptr_t)from)) {
      for (; n_bytes >= WORD_BYTES; n_bytes -= WORD_BYTES) {
        ((word_t *)(void *)to)->value = ((const word_t *)(const void *)from)->value;
        to += WORD_BYTES;
        from += WORD_BYTES;
      }
    }
    for (; n_bytes > 0u; n_bytes--) {
      *to++ = *from++;
    }
  } else {
    while (n_bytes > 0u) {
      n_bytes--;
      to[n_bytes] = from[n_bytes];
    }
  }
  return destination;
}

void *memset(void *destination, int value, size_t n_bytes) {
  uint8_t *to = destination;
  const uint32_t word = (uint32_t)(uint8_t)value * UINT32_C(0x01010101);
  if (WORDS_ALLOWED((uintptr_t)to)) {
    for (; n_bytes >= WORD_BYTES; n_bytes -= WORD_BYTES) {
      ((word_t *)(void *)to)->value = word;
      to += WORD_BYTES;
    }
  }
  for (; n_bytes > 0u; n_bytes--) {
    *to++ = (uint8_t)value;
  }
  return destination;
}

#define ALIAS_OF(function) __attribute__((alias(#function)))

void *memcpy(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);

#if defined(__ARM_EABI__)
void *__aeabi_memcpy(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);
void *__aeabi_memcpy4(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);
void *__aeabi_memcpy8(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);
void *__aeabi_memmove(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);
void *__aeabi_memmove4(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);
void *__aeabi_memmove8(void *destination, const void *source, size_t n_bytes) ALIAS_OF(memmove);

void __aeabi_memset(void *destination, size_t n_bytes, int value);
void __aeabi_memset(void *destination, size_t n_bytes, int value) {
  (void)memset(destination, value, n_bytes);
}
void __aeabi_memset4(void *destination, size_t n_bytes, int value) ALIAS_OF(__aeabi_memset);
void __aeabi_memset8(void *destination, size_t n_bytes, int value) ALIAS_OF(__aeabi_memset);

void __aeabi_memclr(void *destination, size_t n_bytes);
void __aeabi_memclr(void *destination, size_t n_bytes) {
  (void)memset(destination, 0, n_bytes);
}
void __aeabi_memclr4(void *destination, size_t n_bytes) ALIAS_OF(__aeabi_memclr);
void __aeabi_memclr8(void *destination, size_t n_bytes) ALIAS_OF(__aeabi_memclr);
#endif
