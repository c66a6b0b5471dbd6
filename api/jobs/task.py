"""What a worker does, and what it hands back; both are pickled on their way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from fitgraph.ontology.errors import FitgraphError

if TYPE_CHECKING:
    from pathlib import Path

    from fitgraph.registry.catalogue import Registry

#: Stage, steps done, steps in all.
Tell = Callable[[str, int, int], None]


class WorkerError(FitgraphError):
    """A worker ended before its job did, or was ended."""

    code: ClassVar[str] = "worker-ended"
    exit_code: ClassVar[int] = 3


class CancelledError(FitgraphError):
    """Somebody does not want it any more."""

    code: ClassVar[str] = "cancelled"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of ours on its way from a worker.

    Attributes:
        made: what is to be kept all the same, or None.
    """

    code: str
    message: str
    hint: str
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a job delivers: one zip file."""

    name: str
    content: bytes


class Made(Protocol):
    """What came of a task; only the server's process writes it into the graph."""

    kinds: ClassVar[tuple[str, ...]]
    """Of resources that ``keep`` may change."""

    @property
    def artifact(self) -> Artifact | None:
        """What is delivered."""
        ...

    def keep(self, registry: Registry, /) -> Mapping[str, Any]:
        """Writes it into the graph, and says what came of it.

        Raises:
            FitgraphError: it cannot be kept.
        """
        ...


class Task(Protocol):
    """Something that a worker does, with all that it needs."""

    def run(self, folder: Path, tell: Tell, /) -> Made:
        """Does it.

        Args:
            folder: where it may write; it goes afterwards.
            tell: is told each stage.

        Raises:
            KeepError: it failed, and something is to be kept.
            FitgraphError: it cannot be done.
        """
        ...


class KeepError(Exception):
    """A task failed, and what it found is to be kept."""

    def __init__(self, reason: FitgraphError, made: Made) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.made = made
