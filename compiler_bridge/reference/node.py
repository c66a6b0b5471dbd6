"""One ONNX operator with its input values at hand, and typed access to its attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.errors import BridgeError, UnsupportedOperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.registry.model_graph import Operator

Array: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An operator about to be computed.

    Attributes:
        operator: the operator as the graph holds it.
        inputs: its input values; None where an optional input is left out.
    """

    operator: Operator
    inputs: tuple[Array | None, ...]

    @property
    def version(self) -> int:
        """Opset version of the operator's domain."""
        return self.operator.version

    @property
    def rank(self) -> int:
        """Rank of the first input."""
        return self.value(0).ndim

    def value(self, position: int) -> Array:
        """A required input.

        Raises:
            BridgeError: the input is left out.
        """
        found = self.optional(position)
        if found is None:
            raise BridgeError(
                f"{describe(self.operator)} lacks its input {position}.",
                hint="Check the model with onnx.checker.",
            )
        return found

    def optional(self, position: int) -> Array | None:
        """An input that may be left out."""
        return self.inputs[position] if position < len(self.inputs) else None

    def has(self, name: str) -> bool:
        """Whether the attribute is written in the file."""
        return name in self.operator.attributes

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        return int(self.operator.attributes.get(name, default))

    def real(self, name: str, default: float) -> np.float32:
        """A float attribute; ONNX stores those as float32."""
        return np.float32(self.operator.attributes.get(name, default))

    def text(self, name: str, default: str) -> str:
        """A string attribute."""
        value = self.operator.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def integers(self, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """A list-of-integers attribute."""
        return tuple(int(item) for item in self.operator.attributes.get(name, default))

    def integers_from(self, position: int, name: str) -> tuple[int, ...] | None:
        """A list that newer opsets take as an input and older ones as an attribute."""
        found = self.optional(position)
        if found is not None:
            return tuple(int(item) for item in found.reshape(-1))
        return self.integers(name) if self.has(name) else None

    def axis(self, default: int, rank: int | None = None) -> int:
        """The attribute ``axis``, counted from the front."""
        return self.integer("axis", default) % max(self.rank if rank is None else rank, 1)

    def unsupported(self, reason: str) -> UnsupportedOperatorError:
        """The error to raise for a form of the operator that the reference lacks."""
        return UnsupportedOperatorError(
            f"The reference cannot compute {describe(self.operator)}: {reason}.",
            hint="Rewrite this operator in the model, or leave it out of the proof.",
        )


Kernel: TypeAlias = "Callable[[Node], Array | tuple[Array, ...]]"


def describe(operator: Operator) -> str:
    """Name, domain and version of an operator, for messages."""
    name = f" {operator.name!r}" if operator.name else ""
    return f"{operator.op_type}{name} (domain {operator.domain}, version {operator.version})"
