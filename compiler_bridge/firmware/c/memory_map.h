/* Symbols that the linker script defines. Each is an address, not a variable. */
#ifndef FITGRAPH_MEMORY_MAP_H
#define FITGRAPH_MEMORY_MAP_H

#include <stdint.h>

extern uint32_t fitgraph_stack_limit[];
extern uint32_t fitgraph_stack_top[];
extern uint32_t fitgraph_data_start[];
extern uint32_t fitgraph_data_end[];
extern const uint32_t fitgraph_data_image[];
extern uint32_t fitgraph_bss_start[];
extern uint32_t fitgraph_bss_end[];
extern uint32_t fitgraph_arena_start[];
extern uint32_t fitgraph_arena_end[];

/* Copies .data from its image and zeroes .bss and the arena, then runs the harness. */
void fitgraph_start(void);

/* The harness: it calls the model. */
int main(void);

#endif
