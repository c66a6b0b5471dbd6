/* Runs the model on inputs from a file of the machine that the emulator runs on.
 *
 * inputs.bin holds sets of inputs one after another, outputs.bin receives the outputs in the
 * same order, counts.bin the ticks of the last inference and the deepest stack use in bytes.
 * Arm's semihosting: github.com/ARM-software/abi-aa, semihosting/semihosting.rst.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fitgraph_model.h"
#include "memory_map.h"

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT = 0x18 };
enum { MODE_READ_BINARY = 1, MODE_WRITE_BINARY = 5 };
#define STOPPED_APPLICATION_EXIT ((void *)0x20026)
#define STOPPED_RUN_TIME_ERROR ((void *)0x20023)

/* SysTick (Armv7-M ARM, B3.3), 24 bits wide, counts down at the core's clock. */
#define SYST_CSR ((volatile uint32_t *)0xE000E010u)
#define SYST_RVR ((volatile uint32_t *)0xE000E014u)
#define SYST_CVR ((volatile uint32_t *)0xE000E018u)
#define SYST_CSR_ENABLE_INTERRUPT_CORE_CLOCK 7u
#define SYST_PERIOD ((uint64_t)1u << 24)

#define STACK_PAINT 0xA5A5A5A5u
/* What painting itself may need below the stack pointer that it reads. */
#define PAINT_MARGIN_WORDS 16

typedef struct {
  uint32_t offset_bytes;
  uint32_t n_bytes;
} span_t;

#ifndef FITGRAPH_AT
#define FITGRAPH_AT(span) (FITGRAPH_ARENA + (span).offset_bytes)
#endif

static const span_t inputs[FITGRAPH_N_INPUTS] = FITGRAPH_INPUTS;
static const span_t outputs[FITGRAPH_N_OUTPUTS] = FITGRAPH_OUTPUTS;
static volatile uint32_t n_wraps;

void SysTick_Handler(void);
void SysTick_Handler(void) {
  n_wraps++;
}

static intptr_t semihosting_call(int32_t operation, const void *argument) {
  register int32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static intptr_t open_file(const char *name, size_t name_bytes, int32_t mode) {
  const uintptr_t block[3] = {(uintptr_t)name, (uintptr_t)mode, name_bytes};
  return semihosting_call(SYS_OPEN, block);
}

/* Whether all bytes were moved: the call returns how many were not. */
static bool move_bytes(int32_t operation, intptr_t file, const void *data, uint32_t n_bytes) {
  const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)data, n_bytes};
  return semihosting_call(operation, block) == 0;
}

static void close_file(intptr_t file) {
  const uintptr_t block[1] = {(uintptr_t)file};
  (void)semihosting_call(SYS_CLOSE, block);
}

/* Ticks since the counter was first reloaded. A counter of 0 is about to be reloaded, and its
 * interrupt may be on the way: only after that do the two numbers belong together. */
static uint64_t ticks(void) {
  uint32_t wraps;
  uint32_t left;
  do {
    wraps = n_wraps;
    left = *SYST_CVR;
  } while ((left == 0u) || (wraps != n_wraps));
  return ((uint64_t)wraps * SYST_PERIOD) + (SYST_PERIOD - left);
}

static void paint_stack(void) {
  uint32_t *stack_pointer;
  __asm__ volatile("mov %0, sp" : "=r"(stack_pointer));
  for (uint32_t *word = fitgraph_stack_limit; word < stack_pointer - PAINT_MARGIN_WORDS; word++) {
    *word = STACK_PAINT;
  }
}

static uint32_t stack_high_water_bytes(void) {
  const uint32_t *word = fitgraph_stack_limit;
  while ((word < fitgraph_stack_top) && (*word == STACK_PAINT)) {
    word++;
  }
  return (uint32_t)((uintptr_t)fitgraph_stack_top - (uintptr_t)word);
}

static bool read_inputs(intptr_t file) {
  for (uint32_t i = 0; i < FITGRAPH_N_INPUTS; i++) {
    if (!move_bytes(SYS_READ, file, FITGRAPH_AT(inputs[i]), inputs[i].n_bytes)) {
      return false;
    }
  }
  return true;
}

static bool write_outputs(intptr_t file) {
  for (uint32_t i = 0; i < FITGRAPH_N_OUTPUTS; i++) {
    if (!move_bytes(SYS_WRITE, file, FITGRAPH_AT(outputs[i]),
                    outputs[i].n_bytes)) {
      return false;
    }
  }
  return true;
}

__attribute__((noreturn)) static void exit_with(const void *reason) {
  for (;;) {
    (void)semihosting_call(SYS_EXIT, reason);
  }
}

void HardFault_Handler(void);
void HardFault_Handler(void) {
  exit_with(STOPPED_RUN_TIME_ERROR);
}

int main(void) {
  uint64_t counts[2] = {0u, 0u};
  paint_stack();
  *SYST_RVR = (uint32_t)SYST_PERIOD - 1u;
  *SYST_CVR = 0u;
  *SYST_CSR = SYST_CSR_ENABLE_INTERRUPT_CORE_CLOCK;

  const intptr_t input_file = open_file("inputs.bin", sizeof "inputs.bin" - 1u, MODE_READ_BINARY);
  const intptr_t output_file =
      open_file("outputs.bin", sizeof "outputs.bin" - 1u, MODE_WRITE_BINARY);
  FITGRAPH_RESET();
  while (read_inputs(input_file)) {
    const uint64_t before = ticks();
    FITGRAPH_INVOKE();
    counts[0] = ticks() - before;
    if (!write_outputs(output_file)) {
      exit_with(STOPPED_RUN_TIME_ERROR);
    }
  }
  counts[1] = stack_high_water_bytes();
  const intptr_t count_file = open_file("counts.bin", sizeof "counts.bin" - 1u, MODE_WRITE_BINARY);
  (void)move_bytes(SYS_WRITE, count_file, counts, sizeof counts);
  close_file(output_file);
  close_file(count_file);
  exit_with(STOPPED_APPLICATION_EXIT);
}
