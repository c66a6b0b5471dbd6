"""The README of a package."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from fitgraph.compiler_bridge.c_text import c_comment
from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor, arena_names
from fitgraph.compiler_bridge.memory_plan import part_at
from fitgraph.compiler_bridge.packages.content import Content, filled

_WIDTH = 100
_STATE = """ The model remembers from one call to the
next: call `model_reset()` before the first one, and to start over."""
_PROOF = " `proof.json` can be done again with `fitgraph verify`."


def readme(content: Content, heading: str, use: str, switch: str = "") -> str:
    """Markdown.

    Args:
        heading: of the part that says how the package is used.
        use: that part, a template.
        switch: how callers get arenas of their own, in the words of the build system.
    """
    generated = content.generated
    rows = [
        _row(f"{kind} {index}", tensor)
        for kind, tensors in (("input", generated.inputs), ("output", generated.outputs))
        for index, tensor in enumerate(tensors)
    ]
    table = "| tensor | name | type | shape | real value |\n|---|---|---|---|---|\n"
    return filled(
        "readme.md",
        content,
        shown=textwrap.fill(" ".join(content.shown), _WIDTH, break_long_words=False),
        tensors=table + "\n".join(rows),
        heading=heading,
        use=filled(use, content).rstrip("\n"),
        state=_STATE if generated.is_stateful else "",
        switch=f" ({switch})" if switch else "",
        streaming=filled("streaming.md", content) if content.is_streaming else "",
        **_memory(generated),
        proof=_PROOF if "proof.json" in content.documents else "",
    )


def _memory(generated: GeneratedCode) -> dict[str, str]:
    """What is said of the arena, or of the arenas, and how callers bring their own."""
    names, sizes = arena_names(len(generated.parts)), generated.part_sizes
    told = f"The arena is {generated.arena_bytes} bytes: inputs, outputs and everything in between."
    calls = f"`{generated.prefix}_invoke_in({', '.join(names)})` works in the"
    given = f"{calls} arena that it is given, so threads with an arena each may call it at once:"
    if sizes:
        parts = ", ".join(
            f"`{name}` of {part.n_bytes} bytes, planned for {c_comment(part.room)}"
            for name, part in zip(names, generated.parts, strict=True)
        )
        told = (
            f"There are {len(names)} arenas: {parts}. Each is in a section of its own, "
            "`.bss.fitgraph_arena.0` and so on, that a linker script may place where it is to lie; "
            f"`{generated.prefix.upper()}_ARENA_0_SECTION` and so on give it another."
        )
        given = f"{calls} arenas that it is given, so threads with their own may call it at once:"
    return {
        "arenas": f"{told} Weights are constants.",
        "given": given,
        "calls": "\n".join(_calls(generated, names)),
    }


def _calls(generated: GeneratedCode, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        size = f"MODEL_{name.upper()}_BYTES"
        yield f"static _Alignas(MODEL_ARENA_ALIGNMENT) unsigned char {name}[{size}];"
    first, last = (
        names[part_at(generated.parts, tensors[0].offset_bytes)[0]]
        for tensors in (generated.inputs, generated.outputs)
    )
    yield f"\nMODEL_INPUT_0_IN({first})[0] = ...;"
    yield f"model_invoke_in({', '.join(names)});"
    yield f"... = MODEL_OUTPUT_0_IN({last})[0];"


def _row(label: str, tensor: IoTensor) -> str:
    shape = " × ".join(str(size) for size in tensor.shape) or "scalar"
    q = tensor.quantization
    real = "the value"
    if q is not None and len(q.scales) == 1:
        real = f"{q.scale:.9g} * (value - {q.zero_point})".replace("- -", "+ ")
    name = c_comment(tensor.name).replace("|", "/").replace("`", "'")
    return f"| {label} | `{name}` | {tensor.dtype} | {shape} | {real} |"
