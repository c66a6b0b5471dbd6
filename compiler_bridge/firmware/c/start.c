/* What every start-up does once the core can run C: make static data what C says it is. */
#include "memory_map.h"

static void zero(uint32_t *from, const uint32_t *end) {
  for (uint32_t *word = from; word < end; word++) {
    *word = 0u;
  }
}

void fitgraph_start(void) {
  const uint32_t *image = fitgraph_data_image;
  for (uint32_t *word = fitgraph_data_start; word < fitgraph_data_end; word++) {
    *word = *image++;
  }
  zero(fitgraph_bss_start, fitgraph_bss_end);
  zero(fitgraph_arena_start, fitgraph_arena_end);
  (void)main();
  for (;;) {
    /* main() does not return. */
  }
}
