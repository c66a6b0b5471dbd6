"""The header through which a harness knows the model that it calls."""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor

MODEL_HEADER = "fitgraph_model.h"

_TEXT = """\
/* The model that the harness calls, under names that do not depend on it. */
#ifndef FITGRAPH_MODEL_H
#define FITGRAPH_MODEL_H

#include "{prefix}.h"

#define FITGRAPH_ARENA {prefix}_arena
#define FITGRAPH_INVOKE() {prefix}_invoke()
#define FITGRAPH_RESET() {reset}

/* Offset into the arena and length in bytes of each input and output. */
#define FITGRAPH_N_INPUTS {n_inputs}u
#define FITGRAPH_INPUTS {inputs}
#define FITGRAPH_N_OUTPUTS {n_outputs}u
#define FITGRAPH_OUTPUTS {outputs}

#endif
"""


def model_header(generated: GeneratedCode) -> str:
    """Text of ``fitgraph_model.h``."""
    prefix = generated.prefix
    return _TEXT.format(
        prefix=prefix,
        reset=f"{prefix}_reset()" if generated.is_stateful else "((void)0)",
        n_inputs=len(generated.inputs),
        inputs=_table(generated.inputs),
        n_outputs=len(generated.outputs),
        outputs=_table(generated.outputs),
    )


def _table(tensors: Sequence[IoTensor]) -> str:
    rows = ", ".join(f"{{{tensor.offset_bytes}u, {tensor.n_bytes}u}}" for tensor in tensors)
    return f"{{{rows}}}"
