/* Calls the model again and again. Whoever watches stops at fitgraph_wait, writes the inputs
 * into the arena, lets it run until fitgraph_wait comes round again and reads the outputs.
 */
#include "fitgraph_model.h"
#include "memory_map.h"

void fitgraph_wait(void);

__attribute__((noinline)) void fitgraph_wait(void) {
  __asm__ volatile("" ::: "memory"); /* The arena may have changed. */
}

int main(void) {
  FITGRAPH_RESET();
  for (;;) {
    fitgraph_wait();
    FITGRAPH_INVOKE();
  }
}
