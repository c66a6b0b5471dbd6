"""Generated code compiled and run on this machine, and held to the reference."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fitgraph.compiler_bridge.compare import Comparison, compare, require_equal
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.host_build import build_on_host
from fitgraph.compiler_bridge.io_bytes import Arrays, sample_inputs
from fitgraph.compiler_bridge.packages.content import Content
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.prove import DEFAULT_RANDOM_INPUTS, computes_in_integers
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.registry.model_graph import ModelGraph


@dataclass(frozen=True, slots=True, eq=False)
class HostCheck:
    """What was seen on this machine.

    Attributes:
        outputs: of each set.
        reference: what they were compared with.
        input_kind: ``given`` or ``random``.
    """

    generated: GeneratedCode
    outputs: tuple[Arrays, ...]
    comparison: Comparison
    reference: str
    input_kind: str


def check_on_host(
    graph: ModelGraph,
    model_bytes: bytes,
    inputs: Sequence[Sequence[Array]] = (),
    *,
    arena_budget_bytes: int | None = None,
    pack_weights: bool = False,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
) -> HostCheck:
    """Generates, compiles with the system's compiler (else zig's), runs and compares.

    Args:
        inputs: sets of input arrays; random ones are made where none are given.
        arena_budget_bytes: see ``generate``.
        pack_weights: likewise.

    Raises:
        UnsupportedOperatorError: the model cannot be compiled.
        ToolchainError: the compiler or the program failed.
        ProofError: an output differs from the reference.
    """
    progress("generate C", 0, 3)
    generated = generate(graph, arena_budget_bytes=arena_budget_bytes, pack_weights=pack_weights)
    sets = list(inputs) or [sample_inputs(generated, seed) for seed in range(DEFAULT_RANDOM_INPUTS)]
    progress("compile and run", 1, 3)
    with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
        outputs = build_on_host(generated, Path(name)).run(sets)
    progress("run the reference", 2, 3)
    reference = reference_for(graph, model_bytes)
    expected = reference.run_many(sets, keep_state=generated.is_stateful)
    comparison = compare(outputs, expected, exact=computes_in_integers(graph))
    require_equal(comparison, reference.name)
    kind = "given" if inputs else "random"
    return HostCheck(generated, outputs, comparison, reference.name, kind)


def checked_content(check: HostCheck, graph: ModelGraph) -> Content:
    """Sources with what was seen of them."""
    seen, sets = check.comparison, len(check.outputs)
    return Content(
        generated=check.generated,
        model_name=graph.name,
        model_sha256=graph.sha256,
        shown=(
            f"These sources were compiled and run on the machine that made them, on {sets:,} sets",
            f"of {check.input_kind} inputs: worst difference {seen.worst_difference:g} to",
            f"{check.reference} over {seen.n_values:,} outputs. They were linked for no board.",
        ),
        facts={"runtime": RUNTIME_NAME},
    )
