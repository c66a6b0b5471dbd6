"""What can go wrong between a model graph and a proven firmware."""

from __future__ import annotations

from fitgraph.ontology.errors import FitgraphError


class BridgeError(FitgraphError):
    """Base of the compiler bridge's errors."""

    code = "bridge-error"


class UnsupportedOperatorError(BridgeError):
    """The runtime cannot compile an operator, or not in this version or dtype."""

    code = "unsupported-operator"


class ArenaBudgetError(BridgeError):
    """No patches make the arena as small as was asked for.

    Attributes:
        smallest_bytes: the smallest arena that was found.
    """

    code = "arena-budget"
    exit_code = 1

    def __init__(self, message: str, *, smallest_bytes: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.smallest_bytes = smallest_bytes


class UnboundedShapeError(BridgeError):
    """A dimension is symbolic where a number is needed."""

    code = "unbounded-shape"


class ToolchainError(BridgeError):
    """A compiler or linker is absent or failed."""

    code = "toolchain-error"
    exit_code = 3


class DoesNotLinkError(ToolchainError):
    """The firmware does not fit the board's regions, says the linker."""

    code = "does-not-link"
    exit_code = 1


class EmulationError(BridgeError):
    """The emulator is absent, or the firmware faulted in it."""

    code = "emulation-error"
    exit_code = 3


class ProofError(BridgeError):
    """The outputs differ from the reference."""

    code = "proof-error"
    exit_code = 1
