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


class ArenaRegionsError(BridgeError):
    """The arena could not be laid into the regions that it may lie in.

    Attributes:
        lower_bound_bytes: no plan with this operator order needs less of all regions together.
        is_impossible: whether that was shown; else no way was found.
    """

    code = "arena-regions"
    exit_code = 1

    def __init__(
        self, message: str, *, lower_bound_bytes: int, is_impossible: bool, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.lower_bound_bytes = lower_bound_bytes
        self.is_impossible = is_impossible


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
