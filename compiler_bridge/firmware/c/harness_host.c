/* Runs the model on the machine that compiles it: inputs from standard input, one set after
 * another, outputs to standard output.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "fitgraph_model.h"

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#endif

typedef struct {
  size_t offset_bytes;
  size_t n_bytes;
} span_t;

#ifndef FITGRAPH_AT
#define FITGRAPH_AT(span) (FITGRAPH_ARENA + (span).offset_bytes)
#endif

static const span_t inputs[] = FITGRAPH_INPUTS;
static const span_t outputs[] = FITGRAPH_OUTPUTS;

static int read_inputs(void) {
  for (size_t i = 0; i < FITGRAPH_N_INPUTS; i++) {
    if (fread(FITGRAPH_AT(inputs[i]), 1, inputs[i].n_bytes, stdin) !=
        inputs[i].n_bytes) {
      return 0;
    }
  }
  return 1;
}

int main(void) {
#if defined(_WIN32)
  (void)_setmode(_fileno(stdin), _O_BINARY);
  (void)_setmode(_fileno(stdout), _O_BINARY);
#endif
  FITGRAPH_RESET();
  while (read_inputs()) {
    FITGRAPH_INVOKE();
    for (size_t i = 0; i < FITGRAPH_N_OUTPUTS; i++) {
      if (fwrite(FITGRAPH_AT(outputs[i]), 1, outputs[i].n_bytes, stdout) !=
          outputs[i].n_bytes) {
        return EXIT_FAILURE;
      }
    }
  }
  return EXIT_SUCCESS;
}
