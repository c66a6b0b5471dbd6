"""The lowered form of a model: values in memory and calls of C kernels, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.cmsis_nn.scratch import Extension
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Quantization

Array = npt.NDArray[Any]
# An operand of a step: the index of a value, or a constant that goes to flash.
Operand = int | Array


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A constant of which the C compiler puts runs into the order that its core wants.

    Attributes:
        parts: one behind the other; those of two axes are runs, a line each, that a kernel's macro
            ``FG_BLOCK`` takes.
        vectors: the same number of elements in an order for cores with FG_MVE, where runs do not
            tell enough; None if they take the parts.
    """

    parts: tuple[Array, ...]
    vectors: Array | None = None

    @property
    def flat(self) -> Array:
        """All numbers, as the macro gets them."""
        return np.concatenate([part.reshape(-1) for part in self.parts])


def flat(content: Array | Blocks) -> Array:
    """All numbers of a constant."""
    return content.flat if isinstance(content, Blocks) else content


# A field of a kernel's parameter struct. Arrays and blocks become constants in flash, mappings
# nested structs, tuples arrays of integers.
Field = int | float | Array | Blocks | tuple[int, ...] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A block of the arena.

    Attributes:
        is_state: keeps its contents between inferences.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    is_state: bool = False

    @property
    def n_elements(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def n_bytes(self) -> int:
        return self.n_elements * ITEM_BYTES[self.dtype]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One call of a kernel.

    Attributes:
        kernel: file name of the kernel without suffix; its function is ``fg_<kernel>`` and its
            parameter struct ``fg_<kernel>_t``.
        fields: values of the parameter struct.
        outputs: values written, whole or in part.
        label: the operator of the model file that this comes from.
        clearance_bytes: by how much the output must start below the first input to reach into
            it: the kernel then reads each byte of that input before it writes there. 0 if both
            may lie in the same place, None if the kernel promises nothing.
        scratch: values that the kernel works in, its last arguments; nobody else reads them.
        input_offset_bytes: where in its first input the kernel begins to read.
        output_offset_bytes: where in its first output the kernel begins to write.
        region: index of the innermost region that the step stands in; None if it runs once.
    """

    kernel: str
    fields: Mapping[str, Field]
    inputs: tuple[Operand, ...]
    outputs: tuple[int, ...]
    label: str
    clearance_bytes: int | None = None
    scratch: tuple[int, ...] = ()
    input_offset_bytes: int = 0
    output_offset_bytes: int = 0
    region: int | None = None

    @property
    def value_inputs(self) -> tuple[int, ...]:
        """Inputs that lie in the arena."""
        return tuple(operand for operand in self.inputs if isinstance(operand, int))

    @property
    def overwritable(self) -> int | None:
        """The input over which the output may be written, if it is still alive."""
        if self.clearance_bytes is None or not self.inputs:
            return None
        first = self.inputs[0]
        return first if isinstance(first, int) else None


class RegionKind(StrEnum):
    """What becomes of the steps of a region.

    A loop whose trips are not known is two regions: the steps of its condition stand in one that
    repeats, and in it stands one of the steps that follow where the condition holds.
    """

    REPEATED = "repeated"  # so many times, or until its condition ends it
    GOING_ON = "going on"  # the rest of a loop, which ends here where the condition is false
    IF = "if"
    ELSE = "else"


@dataclass(frozen=True, slots=True)
class Region:
    """Steps, one behind the other, that do not run just once.

    Attributes:
        parent: index of the region around it; None if there is none.
        condition: a value, one truth in its first byte; None where steps are repeated.
        trips: of what is repeated, if that is known.
    """

    kind: RegionKind
    parent: int | None
    condition: int | None = None
    trips: int | None = None


@dataclass(frozen=True, slots=True)
class ProgramIo:
    """A model input or output: the value that holds it and what the model file says of it.

    Attributes:
        choices: of an input that chooses slices of a table, how many there are.
        labels: of an output that is texts in the model file and numbers here, what they mean.
    """

    name: str
    value: int
    shape: tuple[int, ...]
    dtype: DType
    quantization: Quantization | None = None
    choices: int | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A lowered model.

    Attributes:
        flavour: ``fixed`` (TensorFlow Lite's fixed-point requantization), ``fixed_narrow`` (the
            same where sums and multipliers are small) or ``float`` (ONNX's).
        reset_steps: set the state to its initial contents.
        packs_weights: whether weights go into fewer than 8 bits where their range allows that,
            which takes less flash and more instructions.
        cmsis_nn: what CMSIS-NN is built with, where it is to be called.
    """

    name: str
    model_sha256: str
    flavour: str
    values: tuple[Value, ...]
    steps: tuple[Step, ...]
    inputs: tuple[ProgramIo, ...]
    outputs: tuple[ProgramIo, ...]
    reset_steps: tuple[Step, ...] = ()
    packs_weights: bool = False
    regions: tuple[Region, ...] = ()
    cmsis_nn: Extension | None = None
