/* Vector table and reset handler for Cortex-M (Armv6-M to Armv8.1-M).
 *
 * Only the 16 system exceptions have a vector: no interrupt of the board is enabled here.
 */
#include "memory_map.h"

typedef void (*handler_t)(void);

typedef struct {
  const uint32_t *initial_stack_pointer;
  handler_t handlers[15];
} vector_table_t;

void Reset_Handler(void);
void Default_Handler(void);

#define DEFAULT_HANDLER __attribute__((weak, alias("Default_Handler")))
void NMI_Handler(void) DEFAULT_HANDLER;
void HardFault_Handler(void) DEFAULT_HANDLER;
void MemManage_Handler(void) DEFAULT_HANDLER;
void BusFault_Handler(void) DEFAULT_HANDLER;
void UsageFault_Handler(void) DEFAULT_HANDLER;
void SecureFault_Handler(void) DEFAULT_HANDLER;
void SVC_Handler(void) DEFAULT_HANDLER;
void DebugMon_Handler(void) DEFAULT_HANDLER;
void PendSV_Handler(void) DEFAULT_HANDLER;
void SysTick_Handler(void) DEFAULT_HANDLER;

extern const vector_table_t fitgraph_vectors;
__attribute__((section(".vectors"), used)) const vector_table_t fitgraph_vectors = {
    fitgraph_stack_top,
    {Reset_Handler, NMI_Handler, HardFault_Handler, MemManage_Handler, BusFault_Handler,
     UsageFault_Handler, SecureFault_Handler, 0, 0, 0, SVC_Handler, DebugMon_Handler, 0,
     PendSV_Handler, SysTick_Handler}};

/* Vector table offset and coprocessor access (Armv7-M ARM, B3.2.5 and B3.2.20). A core without
 * the former ignores the write (Armv6-M ARM, B3.2.2). */
#define SCB_VTOR ((volatile uint32_t *)0xE000ED08u)
#define SCB_CPACR ((volatile uint32_t *)0xE000ED88u)
#define CPACR_FPU_FULL_ACCESS (0xFu << 20)

void Reset_Handler(void) {
  *SCB_VTOR = (uint32_t)&fitgraph_vectors;
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  *SCB_CPACR |= CPACR_FPU_FULL_ACCESS;
#endif
  __asm__ volatile("dsb\n\tisb" ::: "memory");
  /* A call, so that no floating-point or vector instruction moves before the barrier. */
  fitgraph_start();
}

void Default_Handler(void) {
  for (;;) {
    /* A fault or an unexpected exception stops here, where a debugger finds it. */
  }
}
