"""Which model fits which board: columns out of the graph, verdicts out of Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fitgraph.matcher import columns
from fitgraph.matcher.decide import decide, with_constraint
from fitgraph.matcher.demand import (
    NOTHING,
    Demand,
    check_regions,
    check_some_region,
    notes_on,
    with_reserves,
)
from fitgraph.matcher.demanded import demanded
from fitgraph.matcher.facts import Compiler, InstructionCount, ModelNeeds, Refusal
from fitgraph.matcher.placement import in_two_regions
from fitgraph.matcher.policies import Policies, broken, policy
from fitgraph.matcher.policy_graph import Pair
from fitgraph.matcher.timing import Timing
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import Iri, board_iri, model_iri, runtime_iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.resources import Resources
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store_base import Store

DEFAULT_RUNTIME = "fitgraph-c"

_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked besides which model, board and runtime.

    Attributes:
        demand: reserves, sensors, deadline, energy.
        policies: rules that no pair may break; None for none.
        timing: tells time and energy, if somebody can.
    """

    demand: Demand = NOTHING
    policies: Policies | None = None
    timing: Timing | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the graph tells of models under a runtime, by the digest of the model."""

    footprints: Mapping[str, Sequence[Footprint]]
    counts: Mapping[str, Sequence[InstructionCount]] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)


def match(
    store: Store,
    model: str | None = None,
    board: str | None = None,
    runtime: str = DEFAULT_RUNTIME,
    compiler: Compiler | None = None,
    question: Question | None = None,
) -> tuple[Match, ...]:
    """Verdicts on models and boards under a runtime.

    Args:
        model: a name or the digest of a model; None for all.
        board: a board's id; None for all.
        compiler: asks the runtime's compiler about models that were not measured for every class.
        question: what else is asked; None for nothing.

    Returns:
        One match a pair: what fits first; then by SRAM margin, most first; then by name.

    Raises:
        NotFoundError: there is no model, board or runtime of that name.
        InvalidDemandError: a reserve is of a region that the one board lacks, or all of them.
    """
    question = question or Question()
    support = columns.runtime(store, runtime)
    iri = None if model is None else model_named(store, model)
    models = columns.models(store, iri, called=model)
    boards = asked_boards(store, board, question.demand)
    known = known_of(store, runtime, iri)
    found = [
        one
        for needs in models
        for one in on_boards(needs, boards, support, known, compiler, question)
    ]
    return in_order(under_policies(store, question.policies, found, models))


def known_of(store: Store, runtime: str, model: str | None = None) -> Known:
    """What the graph tells of all models, or of the one with this IRI."""
    footprints = columns.footprints(store, runtime, model)
    return Known(
        {sha256: _by_regions(some) for sha256, some in footprints.items()},
        columns.instruction_counts(store, runtime, model),
        columns.refusals(store, runtime, model),
    )


def _by_regions(footprints: Iterable[Footprint]) -> tuple[Footprint, ...]:
    """Those with an arena in parts by the ways in which they take regions."""
    return tuple(one for footprint in footprints for one in in_two_regions(footprint))


def in_order(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Best verdict first, then the widest SRAM margin, then by name."""
    return tuple(sorted(matches, key=_sort_key))


def on_boards(
    model: ModelNeeds,
    boards: Iterable[Board],
    runtime: Runtime,
    known: Known,
    compiler: Compiler | None = None,
    question: Question | None = None,
) -> Iterator[Match]:
    """One model held against boards, without policies."""
    boards, question = tuple(boards), question or Question()
    footprints = known.footprints.get(model.sha256, ())
    counts = known.counts.get(model.sha256, ())
    measured = {one.isa_class for one in footprints if one.evidence is Evidence.MEASURED}
    wanted = {board.isa_class for board in boards} & set(runtime.isa_classes)
    is_open = not wanted <= measured
    answer = compiler.answer(model.sha256) if compiler is not None and is_open else None
    for board in boards:
        others = demanded(model, board, runtime.name, question.demand, counts, question.timing)
        refusal = known.refusals.get(model.sha256)
        judged = decide(model, board, runtime, footprints, answer, others, refusal)
        notes = notes_on(board, question.demand.reserves)
        yield replace(judged, notes=notes) if notes else judged


def model_named(store: Store, reference: str) -> Iri:
    """IRI of the model with this name, IRI or start of its digest.

    Raises:
        NotFoundError: there is none, or there are several.
    """
    rows = columns.read(store, "models")
    return resolve("model", reference, {str(row["name"]): Iri(str(row["model"])) for row in rows})


def board_named(store: Store, reference: str) -> Iri:
    """IRI of the board with this id or IRI.

    Raises:
        NotFoundError: there is none.
    """
    return Resources(store).resolve("board", reference)


def asked_boards(store: Store, board: str | None, demand: Demand) -> tuple[Board, ...]:
    """All boards, or the one, as the demand leaves them: with its reserves, and their sensors.

    Raises:
        NotFoundError: there is no such board.
        InvalidDemandError: a reserve is of a region that the one board lacks, or all of them.
    """
    iri = None if board is None else board_named(store, board)
    found = columns.boards(store, iri)
    if iri is not None:
        for one in found:
            check_regions(one, demand.reserves)
    elif found:
        check_some_region(found, demand.reserves)
    if demand.sensors:
        kinds = columns.sensors(store, iri)
        found = tuple(replace(one, sensors=kinds.get(one.board_id, ())) for one in found)
    return tuple(with_reserves(one, demand.reserves) for one in found)


def under_policies(
    store: Store,
    policies: Policies | None,
    matches: Sequence[Match],
    models: Sequence[ModelNeeds],
) -> Sequence[Match]:
    """The matches with what they break of the policies."""
    if policies is None:
        return matches
    digests = {one.name: one.sha256 for one in models}
    pairs = [
        Pair(model_iri(digests[one.model]), board_iri(one.board), runtime_iri(one.runtime))
        for one in matches
    ]
    found = broken(policies, store, pairs)
    return [
        with_constraint(one, policy(policies, found.get(pair, ())))
        for one, pair in zip(matches, pairs, strict=True)
    ]


def _sort_key(found: Match) -> tuple[int, float, str, str]:
    margins = {one.name: one.margin for one in found.constraints}
    margin = margins.get("sram")
    return (
        _ORDER[found.verdict],
        float("inf") if margin is None else -margin,
        found.model,
        found.board,
    )
