"""Two more C files for models of windows: rows go in one by one, the model runs every few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from fitgraph.compiler_bridge.c_text import C_TYPES
from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor, arena_names
from fitgraph.compiler_bridge.memory_plan import part_at
from fitgraph.compiler_bridge.packages.content import FOLDER
from fitgraph.compiler_bridge.text_templates import filled_in


class StreamingError(BridgeError):
    """The model's input is no window that rows can be pushed into, or the hop does not suit it."""

    code = "streaming-error"


@dataclass(frozen=True, slots=True)
class Window:
    """An input as rows along one axis.

    Attributes:
        outer: elements before the axis, such as channels.
        rows: steps along the axis.
        inner: elements behind it.
        hop: rows between two runs.
    """

    axis: int
    outer: int
    rows: int
    inner: int
    hop: int


def with_streaming(generated: GeneratedCode, hop: int, axis: int | None = None) -> GeneratedCode:
    """The code with ``<prefix>_stream.c`` and ``.h``.

    Args:
        hop: rows between two runs; of as many as the window has, windows do not overlap.
        axis: of time; None takes the first that has more than one step.

    Raises:
        StreamingError: there are several inputs, no such axis, or the hop exceeds the window.
    """
    shapes = [tensor.shape for tensor in generated.inputs]
    window = window_of(generated.prefix, shapes, hop, axis)
    prefix = generated.prefix
    texts = {
        f"{prefix}_stream.{end}": filled_in(FOLDER, f"stream.{end}", _values(generated, window))
        for end in ("h", "c")
    }
    return replace(generated, files={**generated.files, **texts})


def window_of(name: str, shapes: Sequence[tuple[int, ...]], hop: int, axis: int | None) -> Window:
    """The input as rows.

    Args:
        name: of the model.
        shapes: of its inputs.

    Raises:
        StreamingError: see ``with_streaming``.
    """
    if len(shapes) != 1:
        raise StreamingError(
            f"{name} has {len(shapes)} inputs",
            hint="only a model with one input can be fed row by row",
        )
    shape = shapes[0]
    along = next((i for i, size in enumerate(shape) if size > 1), 0) if axis is None else axis
    if not 0 <= along < len(shape) or shape[along] < 2:
        raise StreamingError(
            f"the input of {name} is {list(shape)}, which has no steps along axis {along}",
            hint="name the axis of time, counted from 0",
        )
    if not 1 <= hop <= shape[along]:
        raise StreamingError(
            f"a hop of {hop} rows does not suit a window of {shape[along]}",
            hint=f"choose one from 1 to {shape[along]}",
        )
    return Window(along, prod(shape[:along]), shape[along], prod(shape[along + 1 :]), hop)


def _values(generated: GeneratedCode, window: Window) -> dict[str, str]:
    (tensor,) = generated.inputs
    prefix, names = generated.prefix, arena_names(len(generated.parts))
    return {
        "prefix": prefix,
        "macro": prefix.upper(),
        "type": C_TYPES[tensor.dtype.value],
        "axis": str(window.axis),
        "outer": str(window.outer),
        "rows": str(window.rows),
        "inner": str(window.inner),
        "hop": str(window.hop),
        "row": _row_words(tensor, window),
        "and_state": " and sets the model's state to its initial contents"
        if generated.is_stateful
        else "",
        "arena_parameters": ", ".join(f"void *{name}" for name in names),
        "arena_arguments": ", ".join(names),
        "input_arena": names[part_at(generated.parts, tensor.offset_bytes)[0]],
        "reset_in": f"    {prefix}_reset_in({', '.join(names)});"
        if generated.is_stateful
        else "\n".join(f"    (void){name};" for name in names),
        "reset": f"    {prefix}_reset();\n" if generated.is_stateful else "",
    }


def _row_words(tensor: IoTensor, window: Window) -> str:
    shape = [*tensor.shape[: window.axis], *tensor.shape[window.axis + 1 :]]
    return " x ".join(map(str, shape)) or "1"
