"""Measures a model on ISA classes, several at once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.errors import NotFoundError

if TYPE_CHECKING:
    from fitgraph.api.output import Step
    from fitgraph.compiler_bridge.generated import GeneratedCode
    from fitgraph.registry.board import Board
    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.model_graph import ModelGraph


def check_isa_classes(names: Iterable[str]) -> None:
    """Refuse what is no ISA class.

    Raises:
        NotFoundError: there is none of that name.
    """
    from fitgraph.registry.isa import ISA_CLASSES

    for name in names:
        if name not in ISA_CLASSES:
            raise NotFoundError(
                f"there is no ISA class {name!r}", hint=f"there are {', '.join(ISA_CLASSES)}"
            )


def classes_of(boards: Iterable[Board]) -> list[str]:
    """ISA classes of the boards that there is a toolchain for, sorted."""
    from fitgraph.compiler_bridge.toolchain.targets import TARGETS

    return sorted({board.isa_class for board in boards if board.isa_class} & set(TARGETS))


def measure(
    graph: ModelGraph, classes: list[str], step: Step
) -> tuple[list[Footprint], list[FitgraphError]]:
    """Footprints by ISA class, and what went wrong; one class's failure stops no other.

    Raises:
        UnsupportedOperatorError: the model cannot be compiled for any class.
        UnboundedShapeError: a dimension is symbolic.
    """
    from fitgraph.compiler_bridge.generate import generate

    generated = generate(graph)
    found: list[Footprint] = []
    errors: list[FitgraphError] = []
    # The compiler is a process of its own, and unicorn runs outside the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_measure_one, generated, graph.sha256, name) for name in classes]
        try:
            for done, task in enumerate(as_completed(tasks), start=1):
                step("compiling, linking and running", done=done, total=len(tasks))
                try:
                    found.append(task.result())
                except FitgraphError as error:
                    errors.append(error)
        except BaseException:
            # Someone who interrupts does not want the rest to be built first.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(found, key=lambda one: one.isa_class), errors


def _measure_one(generated: GeneratedCode, sha256: str, isa_class: str) -> Footprint:
    from fitgraph.compiler_bridge.build import build_for_class, footprint_of
    from fitgraph.compiler_bridge.runtime import RUNTIME_NAME

    return footprint_of(build_for_class(generated, isa_class), sha256, RUNTIME_NAME)
