"""C++ that runs a TFLite file with TFLM: the file as an array, a resolver, an arena, a runner."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.back_ends.tflm_resolver import resolver_methods
from fitgraph.compiler_bridge.c_text import c_array, c_comment
from fitgraph.compiler_bridge.emit import prefix_for
from fitgraph.compiler_bridge.text_templates import filled_in
from fitgraph.registry.model_graph import ModelGraph

# Of the compiler bridge, where the templates are.
FOLDER = "back_ends"


@dataclass(frozen=True, slots=True)
class Arena:
    """Bytes that the interpreter is to be given.

    Attributes:
        bytes_32: where pointers have four bytes.
        bytes_64: where they have eight.
        words: how both are known.
    """

    bytes_32: int
    bytes_64: int
    words: str


@dataclass(frozen=True, slots=True)
class TflmModel:
    """A TFLite file that is to run.

    Attributes:
        operators: of all its subgraphs, as ``CONV_2D`` or ``CUSTOM:ethos-u``.
    """

    name: str
    content: bytes
    operators: tuple[str, ...]


def operators_of(graph: ModelGraph) -> tuple[str, ...]:
    """Operators of all subgraphs."""
    return tuple(one.op_type for part in (graph, *graph.subgraphs) for one in part.operators)


def tflm_files(model: TflmModel, arena: Arena) -> dict[str, str]:
    """Name to text.

    Raises:
        BackEndError: TFLM lacks an operator.
    """
    methods = resolver_methods(model.operators)
    prefix = prefix_for(model.name)
    values = {
        "prefix": prefix,
        "macro": prefix.upper(),
        "title": " ".join(c_comment(model.name).split()) or prefix,
        "sha256": hashlib.sha256(model.content).hexdigest(),
        "n_bytes": str(len(model.content)),
        "data": _data(prefix, model.content),
        "n_operators": str(max(1, len(methods))),
        "adds": _adds(methods),
        "arena_32": str(arena.bytes_32),
        "arena_64": str(arena.bytes_64),
        "arena_words": textwrap.fill(
            arena.words, 100, initial_indent="// ", subsequent_indent="// "
        ),
        "n_variables": str(model.operators.count("VAR_HANDLE")),
    }
    names = ("model_data.h", "model_data.cc", "op_resolver.h", "arena.h", "runner.h", "runner.cc")
    return {f"{prefix}_{name}": filled_in(FOLDER, name, values) for name in names} | {
        "main.cc": filled_in(FOLDER, "main.cc", values)
    }


def _data(prefix: str, content: bytes) -> str:
    return c_array(f"{prefix}_model_data", np.frombuffer(content, np.uint8), "alignas(16) const")


def _adds(methods: Iterable[str]) -> str:
    return "\n".join(
        f"  if (resolver.{one}() != kTfLiteOk) return kTfLiteError;" for one in methods
    )
