"""What could go on each group of devices for each demand, by the verdicts of the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from fitgraph.matcher import columns
from fitgraph.matcher.accuracy import Comparable, comparable
from fitgraph.matcher.decide import best_footprint, decide
from fitgraph.matcher.demand import Demand, Reserves, check_regions, with_reserves
from fitgraph.matcher.demanded import demanded
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.fleet.records import DeviceGroup, Fleet, FleetDemand
from fitgraph.matcher.fleet.rules import NO_RULES, Rules, rules_for
from fitgraph.matcher.index.columns_of import Ints
from fitgraph.matcher.index.facts import Facts, read_facts
from fitgraph.matcher.index.index import Index, after_facts
from fitgraph.matcher.index.levels import VERDICTS, Levels, level_of
from fitgraph.matcher.match import Known
from fitgraph.matcher.placement import Need, need
from fitgraph.matcher.policies import Policies
from fitgraph.matcher.timing import Timing
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.iris import Iri, board_iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.store_base import Store

_LEVEL: Final = {verdict: level for level, verdict in enumerate(VERDICTS)}


# Operators that remember something in the arena from one inference to the next.
_REMEMBERING: Final = frozenset(
    f"tflite:{name}"
    for name in (
        "BIDIRECTIONAL_SEQUENCE_LSTM",
        "BIDIRECTIONAL_SEQUENCE_RNN",
        "LSTM",
        "RNN",
        "SVDF",
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        "UNIDIRECTIONAL_SEQUENCE_RNN",
        "VAR_HANDLE",
    )
)


@dataclass(frozen=True, slots=True)
class Option:
    """A model that runs on a group's devices and does what is demanded.

    Attributes:
        accuracy: None where none was measured.
        need: bytes that it takes of regions.
    """

    model: ModelNeeds
    verdict: Verdict
    accuracy: float | None
    need: Need

    @property
    def keeps_state(self) -> bool:
        """Whether nobody else may write to its arena between two inferences."""
        return any(use.operator in _REMEMBERING for use in self.model.operators)


@dataclass(frozen=True)
class Choices:
    """All that a plan is made of.

    Attributes:
        candidates: models by the demand that they are for.
        boards: as each group has them, with its reserves and sensors, by the group's name.
        accuracies: figures that compare, by the name of the demand.
        timing: tells time and energy, if somebody can.
        rules: what pairs break of policies.
    """

    fleet: Fleet
    facts: Facts
    candidates: Mapping[str, tuple[ModelNeeds, ...]]
    boards: Mapping[str, Board]
    accuracies: Mapping[str, Comparable]
    timing: Timing | None = None
    rules: Rules = NO_RULES

    @cached_property
    def options(self) -> dict[tuple[str, str], tuple[Option, ...]]:
        """What could be chosen, by the names of group and demand; the best first."""
        found: dict[tuple[object, ...], tuple[Option, ...]] = {}
        chosen = {}
        for group in self.fleet.groups:
            for demand in self.fleet.demands:
                if demand.is_about(group):
                    key = (self._place_of[group.name], group.mounted, demand.name)
                    if key not in found:
                        found[key] = self._options(group, demand)
                    chosen[group.name, demand.name] = found[key]
        return chosen

    def explained(self, group: DeviceGroup, demand: FleetDemand, model: ModelNeeds) -> Match:
        """The matcher's answer with all constraints."""
        known, board = self._known, self.boards[group.name]
        others = demanded(
            model, board, self.fleet.runtime, _asked(group, demand),
            known.counts.get(model.sha256, ()), self.timing,
        )  # fmt: skip
        footprints = known.footprints.get(model.sha256, ())
        refusal = known.refusals.get(model.sha256)
        found = decide(model, board, self.facts.runtime, footprints, None, tuple(others), refusal)
        return self.rules.under(found, model.sha256)

    def nearest(self, group: DeviceGroup, models: Sequence[ModelNeeds]) -> ModelNeeds:
        """Of some candidates the one that comes nearest to a group's board: verdict, then SRAM."""
        levels, margins = self._decided[self._place_of[group.name]]
        numbers = [self._number[one.sha256] for one in models]
        return models[
            min(range(len(models)), key=lambda n: (levels[numbers[n]], -margins[numbers[n]], n))
        ]

    def _options(self, group: DeviceGroup, demand: FleetDemand) -> tuple[Option, ...]:
        worst = _LEVEL[self.fleet.accept]
        some = [
            option
            for model in self.candidates[demand.name]
            if self.is_accurate(demand, model)
            for option in self._option(group, demand, model)
            if _LEVEL[option.verdict] <= worst
        ]
        return _unbeaten(some)

    def _option(
        self, group: DeviceGroup, demand: FleetDemand, model: ModelNeeds
    ) -> Iterable[Option]:
        known, board = self._known, self.boards[group.name]
        level = int(self._decided[self._place_of[group.name]][0][self._number[model.sha256]])
        if level > _LEVEL[self.fleet.accept] or self.rules.broken(model.sha256, board.board_id):
            return ()
        footprint = best_footprint(known.footprints.get(model.sha256, ()), board)
        if footprint is None:
            return ()
        others = demanded(
            model, board, self.fleet.runtime, _asked(group, demand),
            known.counts.get(model.sha256, ()), self.timing,
        )  # fmt: skip
        level = max([level, *map(level_of, others)])
        accuracy = self.accuracy(demand, model)
        return (Option(model, VERDICTS[level], accuracy, need(footprint)),)

    def accuracy(self, demand: FleetDemand, model: ModelNeeds) -> float | None:
        """Of a model in the metric of a demand; None where none is known."""
        return self.accuracies[demand.name].by_model.get(model.sha256)

    def is_accurate(self, demand: FleetDemand, model: ModelNeeds) -> bool:
        accuracy = self.accuracy(demand, model)
        least = demand.minimum_accuracy
        return least is None or (accuracy is not None and accuracy >= least)

    @cached_property
    def _known(self) -> Known:
        return self.facts.known()

    @cached_property
    def _distinct(self) -> tuple[Board, ...]:
        return tuple(dict.fromkeys(self.boards.values()))

    @cached_property
    def _place_of(self) -> dict[str, int]:
        """Of each group's board among the distinct ones; hashing a board takes its time."""
        places = {board: place for place, board in enumerate(self._distinct)}
        return {name: places[board] for name, board in self.boards.items()}

    @cached_property
    def _number(self) -> dict[str, int]:
        return {one.sha256: number for number, one in enumerate(self._index.models)}

    @cached_property
    def _decided(self) -> list[tuple[Levels, Ints]]:
        """Levels and SRAM margins of all candidates on each distinct board."""
        index = self._index
        ids = {one.board_id: place for place, one in enumerate(index.boards)}
        return [index.table.of_device(ids[_id_of(n)]) for n in range(len(self._distinct))]

    @cached_property
    def _index(self) -> Index:
        models = {one.source: one for some in self.candidates.values() for one in some}
        boards = {
            _id_of(place): replace(board, board_id=_id_of(place))
            for place, board in enumerate(self._distinct)
        }
        facts = replace(self.facts, models=models, boards=boards)
        return after_facts(facts, Index(facts, Reserves(), {}, {}, {}, {}), {})


def choices_of(
    store: Store,
    fleet: Fleet,
    timing: Timing | None = None,
    policies: Policies | None = None,
) -> Choices:
    """What a plan for the fleet can be made of.

    Raises:
        NotFoundError: a board or a model is not there.
        InvalidDemandError: a reserve is of a region that the board lacks.
    """
    facts = read_facts(store, fleet.runtime)
    names = {one.board_id: board_iri(one.board_id) for one in facts.boards.values()}
    boards = {
        group.name: facts.boards[resolve("board", group.board, names)] for group in fleet.groups
    }
    for group in fleet.groups:
        check_regions(boards[group.name], group.reserves)
    called = {str(row["name"]): Iri(str(row["model"])) for row in columns.read(store, "models")}
    made_from = columns.read(store, "lineage")
    by_task = columns.read(store, "models_of_task")
    candidates = {
        one.name: _candidates(called, facts, one, by_task, made_from) for one in fleet.demands
    }
    figures = columns.accuracies(store)
    return Choices(
        fleet,
        facts,
        candidates,
        {one.name: with_reserves(boards[one.name], one.reserves) for one in fleet.groups},
        {
            one.name: comparable(figures, [m.sha256 for m in candidates[one.name]], one.metric)
            for one in fleet.demands
        },
        timing,
        rules_for(store, policies, fleet, candidates, boards.values()),
    )


def _candidates(
    called: Mapping[str, Iri],
    facts: Facts,
    demand: FleetDemand,
    by_task: Sequence[columns.Record],
    made_from: Sequence[columns.Record],
) -> tuple[ModelNeeds, ...]:
    """Models that are named or do the task, and whatever was made from them, by name."""
    found = {str(resolve("model", name, called)) for name in demand.models}
    if not found:
        found = {str(row["model"]) for row in by_task if row["task"] == demand.task}
    before = 0
    while len(found) > before:
        before = len(found)
        found |= {str(row["model"]) for row in made_from if str(row["source"]) in found}
    some = [facts.models[iri] for iri in found if iri in facts.models]
    return tuple(sorted(some, key=lambda one: (one.name, one.sha256)))


def _unbeaten(options: Iterable[Option]) -> tuple[Option, ...]:
    """Without those that another one beats or equals in everything; the most accurate first."""
    kept: list[Option] = []
    for one in sorted(options, key=_order):
        if not any(_beats(other, one) for other in kept):
            kept.append(one)
    return tuple(kept)


def _order(option: Option) -> tuple[float, int, int, str]:
    size = option.need
    return -(option.accuracy or 0), size.flash_bytes, size.together_bytes, option.model.name


def _beats(one: Option, other: Option) -> bool:
    return (
        (one.accuracy or 0) >= (other.accuracy or 0)
        and _LEVEL[one.verdict] <= _LEVEL[other.verdict]
        and one.need.flash_bytes <= other.need.flash_bytes
        and one.need.arena_bytes <= other.need.arena_bytes
        and one.need.rest_bytes <= other.need.rest_bytes
        and one.keeps_state <= other.keeps_state
    )


def _asked(group: DeviceGroup, demand: FleetDemand) -> Demand:
    return replace(demand.asked, mounted=group.mounted)


def _id_of(place: int) -> str:
    return f"board-{place:06}"
