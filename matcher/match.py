"""Which model fits which board: columns out of the graph, verdicts out of Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fitgraph.matcher import columns
from fitgraph.matcher.decide import decide
from fitgraph.matcher.facts import Compiler, ModelNeeds
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import Iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.resources import Resources
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store_base import Store

DEFAULT_RUNTIME = "fitgraph-c"

_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}


def match(
    store: Store,
    model: str | None = None,
    board: str | None = None,
    runtime: str = DEFAULT_RUNTIME,
    compiler: Compiler | None = None,
) -> tuple[Match, ...]:
    """Verdicts on models and boards under a runtime.

    Args:
        model: a name or the digest of a model; None for all.
        board: a board's id; None for all.
        compiler: asks the runtime's compiler about models that were not measured for every class.

    Returns:
        One match a pair: what fits first; then by SRAM margin, most first; then by name.

    Raises:
        NotFoundError: there is no model, board or runtime of that name.
    """
    support = columns.runtime(store, runtime)
    iri = None if model is None else model_named(store, model)
    models = columns.models(store, iri, called=model)
    boards = columns.boards(store, None if board is None else board_named(store, board))
    known = columns.footprints(store, runtime, iri)
    return in_order(
        found
        for one in models
        for found in _on_boards(one, boards, support, known.get(one.sha256, []), compiler)
    )


def in_order(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Best verdict first, then the widest SRAM margin, then by name."""
    return tuple(sorted(matches, key=_sort_key))


def _on_boards(
    model: ModelNeeds,
    boards: Iterable[Board],
    runtime: Runtime,
    footprints: list[Footprint],
    compiler: Compiler | None,
) -> Iterator[Match]:
    boards = tuple(boards)
    measured = {one.isa_class for one in footprints if one.evidence is Evidence.MEASURED}
    wanted = {board.isa_class for board in boards} & set(runtime.isa_classes)
    is_open = not wanted <= measured
    answer = compiler.answer(model.sha256) if compiler is not None and is_open else None
    for board in boards:
        yield decide(model, board, runtime, footprints, answer)


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


def _sort_key(found: Match) -> tuple[int, float, str, str]:
    margins = {one.name: one.margin for one in found.constraints}
    margin = margins.get("sram")
    return (
        _ORDER[found.verdict],
        float("inf") if margin is None else -margin,
        found.model,
        found.board,
    )
