/* Counts the blocks of one inference in QEMU, each with the call of the model's entry function that
 * it runs under.
 *
 * A plugin of qemu-system-arm, compiled for the host when it is first needed. QEMU's header is
 * under the GPL; what is declared here of it are the names and types of its documented functions
 * (QEMU, "TCG plugins"). Arguments: entry=START-END and caller=START-END, addresses of the model's
 * entry function and of what calls it, and counts=FILE, which is written at the end. Records are mirrored in
 * qemu_blocks.py.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*translated)(uint64_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
                                          void (*entered)(unsigned, void *), int flags, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*ended)(uint64_t, void *), void *data);

EXPORTED int qemu_plugin_version = FITGRAPH_PLUGIN_VERSION;

typedef struct {
  uint32_t call;    /* last instruction of the entry function's block that ran last */
  uint32_t address; /* of the block */
  uint64_t n_instructions;
  uint64_t times;
} record_t;

typedef struct count {
  record_t record;
  struct count *next; /* of the same block under other calls */
  struct count *later; /* made after this one */
} count_t;

typedef struct {
  uint32_t address, last, n_instructions;
  count_t *counts;
} block_t;

typedef struct {
  unsigned long start, end;
} range_t;

static range_t entry, caller;
static char file_name[4096];
static bool is_counting;
static uint32_t call;
static count_t *all;

static bool holds(const range_t *range, uint32_t address) {
  return (address >= range->start) && (address < range->end);
}

static count_t *count_of(block_t *block) {
  for (count_t *count = block->counts; count != NULL; count = count->next) {
    if (count->record.call == call) {
      return count;
    }
  }
  count_t *const fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) {
    abort();
  }
  fresh->record.call = call;
  fresh->record.address = block->address;
  fresh->record.n_instructions = block->n_instructions;
  fresh->next = block->counts;
  fresh->later = all;
  block->counts = fresh;
  all = fresh;
  return fresh;
}

static void begin(void) {
  for (count_t *count = all; count != NULL; count = count->later) {
    count->record.times = 0u;
  }
  is_counting = true;
}

static void block_entered(unsigned cpu, void *data) {
  block_t *const block = data;
  (void)cpu;
  if (holds(&caller, block->address)) {
    is_counting = false;
    return;
  }
  if (holds(&entry, block->address)) {
    if (!is_counting) {
      begin();
    }
    call = block->last;
  }
  if (is_counting) {
    count_of(block)->record.times++;
  }
}

static void block_translated(uint64_t id, struct qemu_plugin_tb *tb) {
  block_t *const block = calloc(1, sizeof *block);
  const size_t n = qemu_plugin_tb_n_insns(tb);
  (void)id;
  if (block == NULL) {
    abort();
  }
  block->address = (uint32_t)qemu_plugin_tb_vaddr(tb);
  block->n_instructions = (uint32_t)n;
  block->last = (uint32_t)qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, n - 1u));
  qemu_plugin_register_vcpu_tb_exec_cb(tb, block_entered, 0, block);
}

static void ended(uint64_t id, void *data) {
  FILE *const file = fopen(file_name, "wb");
  (void)id;
  (void)data;
  if (file == NULL) {
    return;
  }
  for (const count_t *count = all; count != NULL; count = count->later) {
    if (count->record.times > 0u) {
      (void)fwrite(&count->record, sizeof count->record, 1u, file);
    }
  }
  (void)fclose(file);
}

static bool read_range(const char *argument, const char *name, range_t *range) {
  const size_t n = strlen(name);
  char *end = NULL;
  if (strncmp(argument, name, n) != 0) {
    return false;
  }
  range->start = strtoul(argument + n, &end, 0);
  range->end = *end == '-' ? strtoul(end + 1, NULL, 0) : 0u;
  return true;
}

EXPORTED int qemu_plugin_install(uint64_t id, const void *info, int n_arguments, char **arguments) {
  (void)info;
  for (int i = 0; i < n_arguments; i++) {
    if (!read_range(arguments[i], "entry=", &entry) &&
        !read_range(arguments[i], "caller=", &caller) &&
        (strncmp(arguments[i], "counts=", 7u) == 0) && (strlen(arguments[i]) < sizeof file_name)) {
      (void)strcpy(file_name, arguments[i] + 7);
    }
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
