"""Whether the memory regions of a board hold a firmware, flash and SRAM, each a pure function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fitgraph.matcher import memory_figures
from fitgraph.matcher.contradiction import contradiction, undisputed
from fitgraph.matcher.doubt import doubt_of, doubt_of_sizes, sure_part, with_doubt
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds
from fitgraph.matcher.memory_figures import Floor, MemoryFigures
from fitgraph.matcher.placement import (
    FLASH_KINDS,
    RAM_KINDS,
    Placement,
    capacity_bytes,
    flash_candidates,
    may_spread,
    need_apart,
    ram_candidates,
    spread_bytes,
)
from fitgraph.matcher.verdict import Constraint, missing, only_known
from fitgraph.registry.board import Board, RegionKind
from fitgraph.registry.footprint import Evidence, Footprint


def flash(
    model: ModelNeeds,
    board: Board,
    footprint: Footprint | None = None,
    answer: CompilerAnswer | None = None,
) -> Constraint:
    """Whether one flash region holds the image after its reserve."""
    regions = flash_candidates(board)
    if not regions:
        return missing("flash", "B", f"no flash region of {board.board_id} is known")
    figures = _surest(memory_figures.of_flash, FLASH_KINDS, footprint, board)
    weights_bytes = answer.weights_bytes if answer else None
    doubt = doubt_of_sizes(regions, board)
    largest = regions[0]
    floor = Floor(
        "the block of weights", weights_bytes, capacity_bytes(largest), doubt, largest.name
    )
    return _memory("flash", model, board, footprint, figures, floor)


def flash_apart(footprint: Footprint, board: Board, placement: Placement) -> Constraint:
    """That weights and the rest of the image hold in the two regions of a placement."""
    weights = placement.weights or placement.flash
    weights_bytes, rest_bytes = need_apart(footprint)
    words = (
        f"{weights_bytes:,} B weights in {memory_figures.region_words(weights)}, "
        f"{rest_bytes:,} B in {memory_figures.region_words(placement.flash)}"
    )
    required, available, region = min(
        (rest_bytes, capacity_bytes(placement.flash), placement.flash.name),
        (weights_bytes, capacity_bytes(weights), weights.name),
        key=lambda one: one[1] - one[0],
    )
    doubt = doubt_of((placement.flash, weights), board) or contradiction(board, FLASH_KINDS)
    figures = MemoryFigures(required, available, words, doubt, region)
    is_own = footprint.isa_class == board.isa_class and not doubt
    evidence = footprint.evidence if is_own else Evidence.ESTIMATE
    return _by_figures("flash", footprint, figures, evidence, satisfied=True)


def sram(
    model: ModelNeeds,
    board: Board,
    footprint: Footprint | None = None,
    answer: CompilerAnswer | None = None,
) -> Constraint:
    """Whether RAM regions hold the arena and the rest after their reserves.

    Both lie in one region, or the arena alone in one and stack with static data in another. That
    several regions hold an arena which none takes, a build shows that lays it there.
    """
    regions = ram_candidates(board)
    if not regions:
        return missing("sram", "B", f"no SRAM region of {board.board_id} is known")
    figures = _surest(memory_figures.of_sram, RAM_KINDS, footprint, board)
    arena_bytes = answer.arena_bytes if answer else None
    what = "the largest input or output" if arena_bytes is None else "the arena"
    least_bytes = model.largest_io_bytes if arena_bytes is None else arena_bytes
    doubt = doubt_of_sizes(regions, board)
    if answer is not None and may_spread(answer.arena_bound_bytes, board):
        least_bytes = None
    floor = Floor(what, least_bytes, capacity_bytes(regions[0]), doubt, regions[0].name)
    found = _memory("sram", model, board, footprint, figures, floor)
    if found.satisfied is False and footprint and footprint.is_measured_for(board.isa_class):
        return _if_spread(found, footprint, board)
    return found


def _if_spread(found: Constraint, footprint: Footprint, board: Board) -> Constraint:
    """What does not hold in one region each is open where several together may hold it."""
    if not may_spread(spread_bytes(footprint), board):
        return found
    return replace(
        found,
        satisfied=None,
        message=f"{found.message}; several regions together may hold the arena",
        hint=f"run `fitgraph build MODEL --board {board.board_id}`: it lays the arena into several "
        "regions where that fits",
    )


def _surest(
    figures_of: Callable[[Footprint, Board], MemoryFigures],
    kinds: tuple[RegionKind, ...],
    footprint: Footprint | None,
    board: Board,
) -> MemoryFigures | None:
    """Figures of what is sure of the board, if that is enough; else of all of it, with the doubt.

    None where no footprint is known.
    """
    if footprint is None:
        return None
    sure, disputed = sure_part(board), contradiction(board, kinds)
    figures = figures_of(footprint, sure) if sure.regions_of(*kinds) else None
    if figures is not None and figures.holds:
        is_cut = bool(disputed) and undisputed(board) != board
        words = f"{figures.words}; {disputed}: the least counts" if is_cut else figures.words
        return replace(figures, words=words)
    figures = figures_of(footprint, board)
    why = doubt_of if figures.holds else doubt_of_sizes
    return replace(figures, doubt=why(board.regions_of(*kinds), board) or disputed)


def _memory(
    name: str,
    model: ModelNeeds,
    board: Board,
    footprint: Footprint | None,
    figures: MemoryFigures | None,
    floor: Floor,
) -> Constraint:
    """A measurement decides; else a floor may say no; else an upper bound or estimate hints."""
    if footprint and figures and footprint.is_measured_for(board.isa_class):
        evidence = Evidence.ESTIMATE if figures.doubt else Evidence.MEASURED
        return _by_figures(name, footprint, figures, evidence, satisfied=figures.holds)
    if floor.is_broken:
        return _by_floor(name, model, floor)
    if footprint and figures:
        evidence = (
            footprint.evidence
            if footprint.isa_class == board.isa_class and not figures.doubt
            else Evidence.ESTIMATE
        )
        # An upper bound that is exceeded shows nothing: the true figure may be smaller.
        return _by_figures(name, footprint, figures, evidence, satisfied=figures.holds or None)
    message = f"no footprint for {board.isa_class or 'its core'} is known"
    return missing(name, "B", message, available=floor.available_bytes)


def _by_figures(
    name: str,
    footprint: Footprint,
    figures: MemoryFigures,
    evidence: Evidence,
    *,
    satisfied: bool | None,
) -> Constraint:
    message = figures.words
    if evidence is Evidence.ESTIMATE and footprint.evidence is Evidence.MEASURED:
        message += f", going by a build for {footprint.isa_class}"
    if not figures.holds:
        message += f": {-figures.margin_bytes:,} B short"
    message = with_doubt(message, figures.doubt)
    return Constraint(
        name=name,
        required=figures.required_bytes,
        available=figures.available_bytes,
        margin=figures.margin_bytes,
        unit="B",
        evidence=evidence,
        satisfied=satisfied,
        sources=only_known(footprint.source),
        message=message,
        region=figures.region,
    )


def _by_floor(name: str, model: ModelNeeds, floor: Floor) -> Constraint:
    required = floor.required_bytes or 0
    return Constraint(
        name=name,
        required=required,
        available=floor.available_bytes,
        margin=floor.available_bytes - required,
        unit="B",
        evidence=Evidence.ESTIMATE if floor.doubt else Evidence.BOUND,
        satisfied=False,
        sources=only_known(model.source),
        message=with_doubt(
            f"{floor.what} alone takes {required:,} B; "
            f"the largest region, {floor.region}, holds {floor.available_bytes:,} B",
            floor.doubt,
        ),
        region=floor.region,
    )
