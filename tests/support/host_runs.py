"""Generated code on the host under the sanitizers of GCC."""

from __future__ import annotations

from dataclasses import replace

from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import Arrays
from tests.support.exactness import Sets
from tests.support.tools import require_tool

SANITIZERS = ("address", "undefined")


def sanitized_outputs(generated: GeneratedCode, sets: Sets) -> tuple[Arrays, ...]:
    """Outputs of a host build in which any stray access or undefined arithmetic is an error."""
    gcc = require_tool("gcc")
    return run_on_host(generated, sets, sanitize=SANITIZERS, compiler=str(gcc))


def resetting_after(generated: GeneratedCode, n_inferences: int) -> GeneratedCode:
    """The code wrapped in another model that starts it over after so many inferences."""
    inner = generated.prefix
    header = f"""\
#include "{inner}.h"
#define again_arena {inner}_arena
void again_invoke(void);
void again_reset(void);
"""
    source = f"""\
#include "again.h"
static int n_done;
void again_reset(void) {{ {inner}_reset(); }}
void again_invoke(void) {{
  if (n_done == {n_inferences}) {{ {inner}_reset(); }}
  n_done++;
  {inner}_invoke();
}}
"""
    files = {**generated.files, "again.h": header, "again.c": source}
    return replace(generated, prefix="again", files=files)
