"""What a server finds out of models in its workers: what takes seconds, or runs tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgraph.registry.endpoint import Place
from fitgraph.registry.work import Desk

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.profiling.records import Timeline
    from fitgraph.matcher.explanation import Explanation
    from fitgraph.matcher.facts import CompilerAnswer
    from fitgraph.matcher.latency.work import Work
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.model_graph import ModelGraph

#: Operators that are told one by one; more than a page can show.
MOST_OPERATORS = 2000


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor that an operator reads or writes.

    Attributes:
        shape: ``1 × 49 × 10``; an empty string for a scalar.
    """

    name: str
    shape: str
    dtype: str
    is_constant: bool


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """One operator of a model file, in the order in which they run.

    Attributes:
        macs: None where they are not known.
    """

    index: int
    operator: str
    version: int
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    macs: int | None


@dataclass(frozen=True, slots=True)
class ModelLook:
    """What a model's file tells that the graph does not.

    Attributes:
        answer: of the compiler of ``fitgraph-c``; None where it could not be asked.
        work: of an inference; None where it cannot be counted.
        own_work: likewise without dead channels, as ``fitgraph-c`` compiles it.
        operators: the first ones.
        n_operators: of the main graph.
    """

    answer: CompilerAnswer | None
    work: Work | None
    own_work: Work | None
    operators: tuple[OperatorRow, ...]
    n_operators: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A model of a store.

    Attributes:
        where: a snapshot, or a server.
        blobs: where the model files are.
    """

    where: Place
    blobs: str
    sha256: str

    def registry(self, desk: Desk) -> Registry:
        """The registry, for reading."""
        from fitgraph.registry.blobs import Blobs
        from fitgraph.registry.catalogue import Registry

        return Registry(desk.store(self.where), Blobs(self.blobs))

    def graph(self, desk: Desk) -> ModelGraph:
        """The model, read from its file.

        Raises:
            RegistryError: it is not there, or cannot be read.
        """
        from fitgraph.api.model_files import stored_graph

        return stored_graph(self.registry(desk), self.sha256)


@dataclass(frozen=True, slots=True)
class LookAtModel:
    """Reads a model file, asks the compiler of ``fitgraph-c``, and counts its work."""

    model: Stored

    def run(self, desk: Desk) -> ModelLook:
        """Does it."""
        from fitgraph.api.timing import live_macs_of
        from fitgraph.compiler_bridge.runtime import FitgraphCompiler
        from fitgraph.matcher.latency.work import work_of

        graph = self.model.graph(desk)
        return ModelLook(
            FitgraphCompiler(lambda _: graph).answer(graph.sha256),
            work_of(graph, None),
            work_of(graph, live_macs_of(graph)),
            operator_rows(graph),
            len(graph.operators),
        )


@dataclass(frozen=True, slots=True)
class PlanMemory:
    """Tells when each value of a model lies where in the arena."""

    model: Stored

    def run(self, desk: Desk) -> Timeline:
        """Does it.

        Raises:
            FitgraphError: the model cannot be compiled, or read.
        """
        from fitgraph.compiler_bridge.profiling.timeline import timeline_of

        return timeline_of(self.model.graph(desk))


@dataclass(frozen=True, slots=True)
class ExplainMatch:
    """Explains one match, with remedies that are built where a build tells.

    Attributes:
        model: any; the store is what counts.
        name: of the model that is meant.
        builds: whether anything is built.
    """

    model: Stored
    name: str
    board: str
    runtime: str
    builds: bool

    def run(self, desk: Desk) -> Explanation:
        """Does it.

        Raises:
            FitgraphError: there is no such model, board or runtime.
        """
        from fitgraph.api.compiler import compiler_for
        from fitgraph.api.timing import timing_for
        from fitgraph.api.workshop import Bench
        from fitgraph.matcher.explain import explain
        from fitgraph.matcher.match import Question

        registry = self.model.registry(desk)
        return explain(
            registry.store,
            self.name,
            self.board,
            self.runtime,
            compiler_for(registry, self.runtime),
            Question(timing=timing_for(registry)),
            Bench(registry) if self.builds else None,
        )


def operator_rows(graph: ModelGraph) -> tuple[OperatorRow, ...]:
    """The first operators of the main graph."""
    from fitgraph.registry.macs import operator_macs

    return tuple(
        OperatorRow(
            index,
            one.op_type,
            one.version,
            tuple(_operand(graph, place) for place in one.inputs if place is not None),
            tuple(_operand(graph, place) for place in one.outputs),
            operator_macs(graph, one),
        )
        for index, one in enumerate(graph.operators[:MOST_OPERATORS])
    )


def _operand(graph: ModelGraph, place: int) -> Operand:
    tensor = graph.tensor(place)
    shape = " × ".join(map(str, tensor.shape))
    return Operand(tensor.name, shape, str(tensor.dtype), tensor.is_constant)
