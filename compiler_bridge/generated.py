"""What the C generator hands to the compiler and the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fitgraph.compiler_bridge.memory_plan import ArenaPart, part_at
from fitgraph.registry.model_graph import DType, Quantization


@dataclass(frozen=True, slots=True)
class IoTensor:
    """An input or output of the generated code.

    Attributes:
        offset_bytes: where it lies in the arena; see ``MemoryPlan`` for an arena in parts.
        shape: as the model file declares it (the memory order is C order of this shape).
        choices: of an input that chooses slices of a table, how many there are: 0 and up to that.
        labels: of an output that is texts in the model file and numbers here, what they mean.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    offset_bytes: int
    n_bytes: int
    quantization: Quantization | None = None
    choices: int | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Somebody else's sources that the generated ones call.

    Attributes:
        name: with the version, as far as it is known.
        files: name to text of headers and sources, as they are compiled beside each other.
        sources: paths of the sources in the library's own folder.
    """

    name: str
    files: Mapping[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GeneratedCode:
    """C sources for one model.

    The sources define ``<prefix>_arena`` (a byte array in section ``.bss.fitgraph_arena``,
    16-byte aligned), ``void <prefix>_invoke(void)`` and, when ``is_stateful``,
    ``void <prefix>_reset(void)``. All constants lie in sections ``.rodata.fitgraph_weights*``.

    An arena in several parts is ``<prefix>_arena_0`` and so on, each in a section
    ``.bss.fitgraph_arena.<number>``.

    Attributes:
        files: file name to text; C sources end in ``.c``, the header is ``<prefix>.h``.
        arena_bytes: size of ``<prefix>_arena``, a multiple of 16.
        lower_bound_bytes: largest sum of live tensors over the operator order.
        weights_bytes: of the constants, less what aligns them and those that are so small that
            a C compiler may turn them into instructions; no image has fewer.
        in_patches: the operators that are run in patches to meet a budget.
        extra_macs: multiply-accumulates of an inference that are more for the patches.
        parts: of the arena, where it was planned for named memory regions; no more than one
            where one of these takes it.
        packed_weights: whether layers have weights in fewer bits than the model file has them in,
            because that was asked for.
        whole_bound_bytes: that no arena of the program can be below, in however many regions.
        library: what is called of somebody else's code.
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
    parts: tuple[ArenaPart, ...] = ()
    whole_bound_bytes: int = 0
    packed_weights: bool = False
    library: Library | None = None

    @property
    def part_sizes(self) -> tuple[int, ...]:
        """Bytes of each part; none where the arena is one."""
        return tuple(part.n_bytes for part in self.parts) if len(self.parts) > 1 else ()

    @property
    def arenas(self) -> tuple[str, ...]:
        """Their symbols."""
        return tuple(f"{self.prefix}_{name}" for name in arena_names(len(self.parts)))

    def place_of(self, tensor: IoTensor) -> tuple[str, int]:
        """The symbol of the arena that an input or output lies in, and the offset there."""
        number, offset = part_at(self.parts, tensor.offset_bytes)
        return self.arenas[number], offset


def arena_names(n_parts: int) -> tuple[str, ...]:
    """What arenas are called, behind the prefix and as parameters."""
    return tuple(f"arena_{n}" for n in range(n_parts)) if n_parts > 1 else ("arena",)
