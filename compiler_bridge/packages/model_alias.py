"""``model.h``: the model under names that do not depend on it."""

from __future__ import annotations

from collections.abc import Iterator

from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor, arena_names
from fitgraph.compiler_bridge.packages.content import Content, filled

ALIAS = "model.h"

_OF_MODEL = ("NAME", "SHA256", "ARENA_BYTES", "ARENA_ALIGNMENT", "IS_STATEFUL", "N_INPUTS",
             "N_OUTPUTS", "CALLER_ARENA")  # fmt: skip
_OF_TENSOR = ("NAME", "DTYPE", "BYTES", "ELEMENTS", "RANK")


def model_alias(content: Content) -> dict[str, str]:
    """The header by its name; nothing where the model is called ``model`` itself."""
    if content.prefix == "model":
        return {}
    include = f'#include "{content.prefix}_stream.h"\n' if content.is_streaming else ""
    lines = [*_names(content.generated), *(_stream(content.prefix) if include else ())]
    return {ALIAS: filled("model.h", content, names="\n".join(lines), stream=include)}


def _names(generated: GeneratedCode) -> Iterator[str]:
    prefix, macro = generated.prefix, generated.prefix.upper()
    names = arena_names(len(generated.parts))
    sizes = [f"{name.upper()}_BYTES" for name in names] if len(names) > 1 else []
    several = ["N_ARENAS", *sizes] if sizes else []
    yield from (f"#define MODEL_{name} {macro}_{name}" for name in (*_OF_MODEL, *several))
    for kind, tensors in (("input", generated.inputs), ("output", generated.outputs)):
        for index, tensor in enumerate(tensors):
            yield ""
            yield from _tensor(prefix, f"{kind}_{index}", tensor)
            if several:
                label = f"{kind}_{index}_arena".upper()
                yield f"#define MODEL_{label} {macro}_{label}"
    verbs = ("invoke", "reset") if generated.is_stateful else ("invoke",)
    yield f"\n#if {macro}_CALLER_ARENA"
    yield from (f"#define model_{verb}_in {prefix}_{verb}_in" for verb in verbs)
    yield "#else"
    yield from (f"#define model_{name} {prefix}_{name}" for name in names)
    yield from (f"#define model_{verb} {prefix}_{verb}" for verb in verbs)
    yield "#endif"


def _stream(prefix: str) -> Iterator[str]:
    macro = prefix.upper()
    yield ""
    yield from (
        f"#define MODEL_STREAM_{name} {macro}_STREAM_{name}"
        for name in ("ROWS", "ROW_ELEMENTS", "HOP")
    )
    yield f"#define model_stream {prefix}_stream"
    yield f"#if {macro}_CALLER_ARENA"
    yield from (f"#define model_stream_{v}_in {prefix}_stream_{v}_in" for v in ("push", "reset"))
    yield "#else"
    yield from (f"#define model_stream_{v} {prefix}_stream_{v}" for v in ("push", "reset"))
    yield "#endif"


def _tensor(prefix: str, label: str, tensor: IoTensor) -> Iterator[str]:
    upper, own = label.upper(), f"{prefix}_{label}"
    names = [*_OF_TENSOR, *(("SHAPE",) if tensor.shape else ())]
    if tensor.quantization is not None and len(tensor.quantization.scales) == 1:
        names += ["SCALE", "ZERO_POINT"]
    yield f"#define MODEL_{upper} {own.upper()}"
    yield f"#define MODEL_{upper}_IN(arena) {own.upper()}_IN(arena)"
    yield from (f"#define MODEL_{upper}_{name} {own.upper()}_{name}" for name in names)
    yield f"#define model_{label}_type {own}_type"
    if tensor.shape:
        yield f"#define model_{label}_shape {own}_shape"
