/* Counts the blocks that unicorn enters, fifty times as fast as a callback into Python.
 *
 * Compiled for the host when it is first needed. The fields of `block_counter_t` are mirrored in
 * native_blocks.py.
 */
#include <stdint.h>

typedef int (*register_read_t)(void *engine, int register_id, void *value);

typedef struct {
  uint64_t base_address; /* of the first slot; a slot is two bytes of code */
  uint64_t n_slots;
  uint64_t *times;       /* how often a block that starts at the slot was entered */
  uint32_t *n_bytes;     /* length of that block */
  uint64_t n_unknown;    /* entries that have no slot, or whose block changed its length */
  uint64_t previous_address;
  uint64_t lowest_stack_pointer;
  register_read_t read_register;
  int32_t stack_pointer_id;
} block_counter_t;

#if defined(_WIN32)
__declspec(dllexport)
#endif
void fitgraph_block_entered(void *engine, uint64_t address, uint32_t n_bytes,
                            block_counter_t *counter) {
  const uint64_t slot = (address - counter->base_address) / 2u;
  if ((slot >= counter->n_slots) ||
      ((counter->times[slot] > 0u) && (counter->n_bytes[slot] != n_bytes))) {
    counter->n_unknown++;
    return;
  }
  counter->times[slot]++;
  counter->n_bytes[slot] = n_bytes;
  /* A loop of one block, where most time goes, does not move the stack pointer. */
  if (address != counter->previous_address) {
    uint64_t stack_pointer = 0u;
    counter->previous_address = address;
    (void)counter->read_register(engine, counter->stack_pointer_id, &stack_pointer);
    if (stack_pointer < counter->lowest_stack_pointer) {
      counter->lowest_stack_pointer = stack_pointer;
    }
  }
}
