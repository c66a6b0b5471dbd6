"""The header through which a harness knows the model that it calls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor

MODEL_HEADER = "fitgraph_model.h"

_TEXT = """\
/* The model that the harness calls, under names that do not depend on it. */
#ifndef FITGRAPH_MODEL_H
#define FITGRAPH_MODEL_H

#include "{prefix}.h"

{arena}
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
        arena=_places(generated) if generated.part_sizes else _ONE_ARENA.format(prefix=prefix),
        reset=_reset(generated),
        n_inputs=len(generated.inputs),
        inputs=_table(generated.inputs),
        n_outputs=len(generated.outputs),
        outputs=_table(generated.outputs),
    )


_ONE_ARENA = "#define FITGRAPH_ARENA {prefix}_arena"


def _reset(generated: GeneratedCode) -> str:
    """The start-up code clears the first arena."""
    cleared = [f"(void)memset({name}, 0, sizeof {name})" for name in generated.arenas[1:]]
    last = f"{generated.prefix}_reset()" if generated.is_stateful else "((void)0)"
    return f"({', '.join([*cleared, last])})" if cleared else last


def _places(generated: GeneratedCode) -> str:
    """Where an offset lies, as if the arenas lay side by side."""
    *others, last = zip(accumulate(generated.part_sizes, initial=0), generated.arenas, strict=False)
    ends = accumulate(generated.part_sizes)
    chosen = "".join(
        f"(span).offset_bytes < {end}u ? {name} + ((span).offset_bytes - {start}u) : "
        for end, (start, name) in zip(ends, others, strict=False)
    )
    start, name = last
    return (
        f"#include <string.h>\n\n#define FITGRAPH_AT(span) \\\n  ({chosen}\\\n"
        f"   {name} + ((span).offset_bytes - {start}u))"
    )


def _table(tensors: Sequence[IoTensor]) -> str:
    rows = ", ".join(f"{{{tensor.offset_bytes}u, {tensor.n_bytes}u}}" for tensor in tensors)
    return f"{{{rows}}}"
