/* Reset handler for RV32 in machine mode. The linker script puts it at the start of flash. */
#include "memory_map.h"

void Reset_Handler(void);
void fitgraph_trap(void);

__attribute__((naked, used, section(".text.Reset_Handler"))) void Reset_Handler(void) {
  __asm__ volatile(
      ".option push\n"
      ".option norelax\n" /* gp cannot be reached relative to itself. */
      ".option arch, +zicsr\n"
      "la gp, __global_pointer$\n"
      "la sp, fitgraph_stack_top\n"
      "la t0, fitgraph_trap\n"
      "csrw mtvec, t0\n"
#if defined(__riscv_flen)
      "li t0, 0x2000\n" /* mstatus.FS = Initial (RISC-V privileged manual, 3.1.6.6). */
      "csrs mstatus, t0\n"
      "csrwi fcsr, 0\n"
#endif
      "j fitgraph_start\n"
      ".option pop\n");
}

/* mtvec holds 4-aligned addresses (RISC-V privileged manual, 3.1.7). */
__attribute__((used, aligned(4))) void fitgraph_trap(void) {
  for (;;) {
    /* A trap stops here, where a debugger finds it. */
  }
}
