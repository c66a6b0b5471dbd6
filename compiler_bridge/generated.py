"""What the C generator hands to the compiler and the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fitgraph.registry.model_graph import DType, Quantization


@dataclass(frozen=True, slots=True)
class IoTensor:
    """An input or output of the generated code.

    Attributes:
        offset_bytes: where it lies in the arena.
        shape: as the model file declares it (the memory order is C order of this shape).
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    offset_bytes: int
    n_bytes: int
    quantization: Quantization | None = None


@dataclass(frozen=True, slots=True)
class GeneratedCode:
    """C sources for one model.

    The sources define ``<prefix>_arena`` (a byte array in section ``.bss.fitgraph_arena``,
    16-byte aligned), ``void <prefix>_invoke(void)`` and, when ``is_stateful``,
    ``void <prefix>_reset(void)``. All constants lie in sections ``.rodata.fitgraph_weights*``.

    Attributes:
        files: file name to text; C sources end in ``.c``, the header is ``<prefix>.h``.
        arena_bytes: size of ``<prefix>_arena``, a multiple of 16.
        lower_bound_bytes: largest sum of live tensors over the operator order.
        weights_bytes: of the constants, less what aligns them and those that are so small that
            a C compiler may turn them into instructions; no image has fewer.
        in_patches: the operators that are run in patches to meet a budget.
        extra_macs: multiply-accumulates of an inference that are more for the patches.
    """

    prefix: str
    files: Mapping[str, str]
    arena_bytes: int
    lower_bound_bytes: int
    inputs: tuple[IoTensor, ...]
    outputs: tuple[IoTensor, ...]
    is_stateful: bool = False
    weights_bytes: int = 0
    in_patches: tuple[str, ...] = ()
    extra_macs: int = 0
