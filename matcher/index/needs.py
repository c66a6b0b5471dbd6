"""What of a model decides what it runs on: one row for each ISA class that was built for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from fitgraph.matcher.constraints import operators
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds, Refusal
from fitgraph.matcher.index.columns_of import MOST, Columns, Ints
from fitgraph.matcher.index.levels import level_of
from fitgraph.matcher.placement import Need, need, spread_bytes
from fitgraph.matcher.verdict import PROVEN
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.runtime import Runtime

#: Stands for every ISA class that no footprint of the model is of.
ELSEWHERE: Final = "*"

_STRENGTH: Final = {evidence: rank for rank, evidence in enumerate(Evidence)}


class NeedRow(NamedTuple):
    """A model's needs, going by one of its footprints, or by none.

    Attributes:
        operators: the level of that constraint.
        is_built: whether a build for the very class measured them.
        is_shown: whether a footprint of the very class shows them.
        is_known: whether there is a footprint.
        flash: bytes of one flash region.
        arena: bytes of one RAM region.
        rest: bytes of the same or another RAM region.
        together: bytes of one RAM region that takes both.
        floor_flash: a lower bound of what one flash region has to hold; -1 for none.
        floor_sram: likewise of RAM.
        spread: a lower bound of what all RAM regions have to hold together, if the arena may lie in
            several; more than there can be, if it may not.
    """

    operators: int
    is_built: int
    is_shown: int
    is_known: int
    flash: int
    arena: int
    rest: int
    together: int
    floor_flash: int
    floor_sram: int
    spread: int


@dataclass(frozen=True, slots=True)
class NeedColumns(Columns):
    """See ``NeedRow``."""

    operators: Ints
    is_built: Ints
    is_shown: Ints
    is_known: Ints
    flash: Ints
    arena: Ints
    rest: Ints
    together: Ints
    floor_flash: Ints
    floor_sram: Ints
    spread: Ints


Candidates = tuple[NeedRow, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is known of a model under a runtime.

    Attributes:
        is_open: whether a class that is asked for lacks a measured footprint.
        answer: of the runtime's compiler, if that is so and it could be asked.
        refusal: of its interpreter.
    """

    model: ModelNeeds
    footprints: tuple[Footprint, ...]
    is_open: bool
    answer: CompilerAnswer | None
    refusal: Refusal | None


def told_of(
    model: ModelNeeds,
    footprints: Sequence[Footprint],
    answer: CompilerAnswer | None,
    refusal: Refusal | None,
    wanted: Collection[str | None],
) -> Told:
    """What is known of a model for these ISA classes."""
    measured = {one.isa_class for one in footprints if one.evidence is Evidence.MEASURED}
    is_open = any(isa not in measured for isa in wanted)
    return Told(model, tuple(footprints), is_open, answer if is_open else None, refusal)


def needs_of(runtime: Runtime, told: Told) -> Mapping[str, Candidates]:
    """Needs by ISA class, and those ``ELSEWHERE``: several where it is the board that chooses.

    The first one of the best verdict counts; see ``fitgraph.matcher.decide.strongest_footprints``.
    """
    footprints = told.footprints
    own = {isa: [one for one in footprints if one.isa_class == isa] for isa in _classes(footprints)}
    found: dict[str, Sequence[Footprint | None]] = {ELSEWHERE: _strongest(footprints) or [None]}
    found |= {isa: _strongest(some) for isa, some in own.items()}
    return {
        isa: _without_the_beaten([_row(told, runtime, one, isa) for one in strongest])
        for isa, strongest in found.items()
    }


def _classes(footprints: Iterable[Footprint]) -> list[str]:
    return sorted({one.isa_class for one in footprints})


def _strongest(footprints: Sequence[Footprint]) -> list[Footprint]:
    """Those of the best evidence, the smallest first."""
    best = min((_STRENGTH[one.evidence] for one in footprints), default=0)
    return sorted(
        (one for one in footprints if _STRENGTH[one.evidence] == best),
        key=attrgetter("order"),
    )


def _without_the_beaten(rows: Sequence[NeedRow]) -> Candidates:
    """Without those that are better nowhere than an earlier one."""
    kept: list[NeedRow] = []
    for row in rows:
        if not any(_is_within(one, row) for one in kept):
            kept.append(row)
    return tuple(kept)


def _is_within(one: NeedRow, other: NeedRow) -> bool:
    is_smaller = one.flash <= other.flash and one.arena <= other.arena and one.rest <= other.rest
    return is_smaller and one.operators <= other.operators and one.spread <= other.spread


def _row(told: Told, runtime: Runtime, footprint: Footprint | None, isa_class: str) -> NeedRow:
    answer, model = told.answer, told.model
    is_own = footprint is not None and footprint.isa_class == isa_class
    evidence = footprint.evidence if footprint else Evidence.MISSING
    sizes = need(footprint) if footprint else Need(0, 0, 0)
    arena_bytes = answer.arena_bytes if answer else None
    floor_sram = model.largest_io_bytes if arena_bytes is None else arena_bytes
    floor_flash = answer.weights_bytes if answer else None
    is_built = is_own and evidence is Evidence.MEASURED
    bound = answer.arena_bound_bytes if answer else None
    spread = spread_bytes(footprint) if footprint and is_built else bound
    return NeedRow(
        operators=level_of(operators(model, runtime, footprint, answer, told.refusal)),
        is_built=int(is_built),
        is_shown=int(is_own and evidence in PROVEN),
        is_known=int(footprint is not None),
        flash=sizes.flash_bytes,
        arena=sizes.arena_bytes,
        rest=sizes.rest_bytes,
        together=sizes.together_bytes,
        floor_flash=-1 if floor_flash is None else floor_flash,
        floor_sram=-1 if floor_sram is None else floor_sram,
        spread=MOST if spread is None else spread,
    )
