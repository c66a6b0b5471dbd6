"""The README of a package."""

from __future__ import annotations

import textwrap

from fitgraph.compiler_bridge.c_text import c_comment
from fitgraph.compiler_bridge.generated import IoTensor
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
        proof=_PROOF if "proof.json" in content.documents else "",
    )


def _row(label: str, tensor: IoTensor) -> str:
    shape = " × ".join(str(size) for size in tensor.shape) or "scalar"
    q = tensor.quantization
    real = "the value"
    if q is not None and len(q.scales) == 1:
        real = f"{q.scale:.9g} * (value - {q.zero_point})".replace("- -", "+ ")
    name = c_comment(tensor.name).replace("|", "/").replace("`", "'")
    return f"| {label} | `{name}` | {tensor.dtype} | {shape} | {real} |"
