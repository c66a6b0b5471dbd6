"""What a back end is given, what it gives, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_graph import ModelGraph

Fact = str | int | float
# Stage, steps done, steps in all.
Progress = Callable[[str, int, int], None]


class BackEndError(BridgeError):
    """A back end is not there, or refuses a model or an option."""

    code = "back-end-error"


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is to be built.

    Attributes:
        model_bytes: the file that ``graph`` was read from.
        isa_class: of the core that is to run it.
        options: of the back end, by name, as the user wrote them.
        progress: to be called with each stage.
    """

    graph: ModelGraph
    model_bytes: bytes
    isa_class: str
    options: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = lambda _stage, _done, _total: None


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """What was built.

    Attributes:
        files: path inside the delivered folder to bytes; the same request gives the same bytes.
        footprints: of ``graph`` under the back end's runtime, each figure with its evidence.
        measurements: what was measured on this machine.
        facts: what the user is told, by name.
    """

    files: Mapping[str, bytes]
    footprints: tuple[Footprint, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


class BackEnd(Protocol):
    """Builds models for one runtime."""

    @property
    def runtime(self) -> str:
        """Name of the runtime in the graph: ``tflm``."""

    @property
    def options(self) -> Mapping[str, str]:
        """Options that it takes: name to what it says, one sentence."""

    def build(self, request: Request) -> Delivered:
        """Builds.

        Raises:
            FitgraphError: the model or an option does not suit, or a tool failed.
        """


def require_known_options(back_end: BackEnd, options: Mapping[str, str]) -> None:
    """Refuse options that a back end does not take.

    Raises:
        BackEndError: there is one.
    """
    unknown = sorted(set(options) - set(back_end.options))
    if unknown:
        takes = ", ".join(sorted(back_end.options)) or "none"
        raise BackEndError(
            f"the back end {back_end.runtime} takes no option {unknown[0]!r}",
            hint=f"options that it takes: {takes}",
        )
