"""Why a model does not run on a board, and what would make it: each remedy tried, none guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fitgraph.matcher import columns, remedies
from fitgraph.matcher.explanation import Explanation, Remedy, Shortfall
from fitgraph.matcher.facts import Compiler, ModelNeeds
from fitgraph.matcher.match import (
    DEFAULT_RUNTIME,
    Question,
    asked_boards,
    known_of,
    match,
    model_named,
    under_policies,
)
from fitgraph.matcher.policies import broken
from fitgraph.matcher.policy_graph import Pair
from fitgraph.matcher.remedy_case import Case, with_measurement
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.matcher.workshop import Workshop
from fitgraph.registry.iris import board_iri, model_iri, runtime_iri
from fitgraph.registry.store_base import Store

_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}
_GOOD = (Verdict.FITS, Verdict.LIKELY)


def explain(
    store: Store,
    model: str,
    board: str,
    runtime: str = DEFAULT_RUNTIME,
    compiler: Compiler | None = None,
    question: Question | None = None,
    workshop: Workshop | None = None,
    prices: Mapping[str, int] | None = None,
) -> Explanation:
    """The match with its reasons, and remedies that were tried.

    Args:
        workshop: builds what is tried; without it only what the graph knows is offered.
        prices: price classes by the id of the board, in place of those that the graph has.

    Raises:
        NotFoundError: there is no model, board or runtime of that name.
    """
    question = question or Question()
    (found,) = match(store, model, board, runtime, compiler, question)
    (needs,) = columns.models(store, model_named(store, model), called=model)
    peak = workshop.peak(needs) if workshop is not None else None
    if found.verdict in _GOOD:
        return Explanation(found, (), peak, ())
    classes = {**columns.price_classes(store), **(prices or {})}
    case = _case(store, needs, runtime, compiler, question, found, workshop, classes)
    if found.verdict is Verdict.UNKNOWN:
        case = with_measurement(case)
        (found,) = under_policies(store, question.policies, [case.match], [needs])
        if found.verdict in _GOOD:
            return Explanation(found, (), peak, ())
    return Explanation(found, shortfalls(found), peak, _lawful(case, remedies.all_of(case)))


def _case(
    store: Store,
    needs: ModelNeeds,
    runtime: str,
    compiler: Compiler | None,
    question: Question,
    found: Match,
    workshop: Workshop | None,
    prices: Mapping[str, int],
) -> Case:
    return Case(
        store=store,
        model=needs,
        board=asked_boards(store, found.board, question.demand)[0],
        boards=asked_boards(store, None, question.demand),
        runtime=columns.runtime(store, runtime),
        known=known_of(store, runtime, needs.source),
        compiler=compiler,
        question=question,
        match=found,
        workshop=workshop,
        prices=prices,
    )


def shortfalls(found: Match) -> tuple[Shortfall, ...]:
    """What is lacking: violated constraints, and those that an estimate exceeds."""
    lacking = [
        Shortfall(
            constraint=one.name,
            short=-one.margin,
            unit=one.unit,
            region=one.region,
            is_shown=one.satisfied is False,
            message=_short(one.name, -one.margin, one.unit, one.region)
            if one.unit in ("B", "ms", "uJ")
            else one.message,
        )
        for one in found.constraints
        if one.satisfied is not True and one.margin is not None and one.margin < 0
    ]
    return tuple(sorted(lacking, key=lambda one: not one.is_shown))


def _short(name: str, short: float, unit: str, region: str) -> str:
    if unit == "B":
        return f"{name} is short by {short:,.0f} bytes in region {region}"
    return f"{name} is exceeded by {short:,.4g} {unit}"


def _lawful(case: Case, found: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Remedies without those that a policy forbids, best verdict first.

    A variant is under the rules of the model that it is made from.
    """
    offered = list(found)
    if case.question.policies is not None:
        pairs = [_pair(case, remedy) for remedy in offered]
        forbidden = broken(case.question.policies, case.store, pairs)
        offered = [one for one, pair in zip(offered, pairs, strict=True) if pair not in forbidden]
    return tuple(sorted(offered, key=lambda one: _ORDER[one.match.verdict]))


def _pair(case: Case, remedy: Remedy) -> Pair:
    return Pair(
        model_iri(case.model.sha256),
        board_iri(remedy.match.board),
        runtime_iri(remedy.match.runtime),
    )
