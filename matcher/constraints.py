"""One pure function a constraint: what is required, what there is, and how that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fitgraph.matcher import memory_figures
from fitgraph.matcher.contradiction import contradiction, undisputed
from fitgraph.matcher.doubt import doubt_of, doubt_of_core, doubt_of_sizes, sure_part
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds, Refusal
from fitgraph.matcher.memory_figures import Floor, MemoryFigures
from fitgraph.matcher.operator_support import complaints, open_questions
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
from fitgraph.matcher.verdict import PROVEN, Constraint
from fitgraph.registry.board import Board, RegionKind
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import runtime_iri
from fitgraph.registry.runtime import Runtime


def operators(
    model: ModelNeeds,
    runtime: Runtime,
    footprint: Footprint | None = None,
    answer: CompilerAnswer | None = None,
    refusal: Refusal | None = None,
) -> Constraint:
    """Whether the runtime has every operator of the model, in its version and dtypes.

    A build shows it; else the runtime's own compiler or interpreter knows; else what the runtime
    declares counts.
    """
    shown = _operators_by_evidence(model, runtime, footprint, answer, refusal)
    return shown or _operators_by_declaration(model, runtime)


def _operators_by_evidence(
    model: ModelNeeds,
    runtime: Runtime,
    footprint: Footprint | None,
    answer: CompilerAnswer | None,
    refusal: Refusal | None,
) -> Constraint | None:
    """What a build, the compiler or the interpreter showed of the very model; None for nothing."""
    n_used, kinds = _kinds(model)
    if footprint is not None and footprint.evidence is Evidence.MEASURED:
        message = f"{runtime.name} compiled all {kinds}"
        return _operators(n_used, 0, Evidence.MEASURED, footprint.source, message)
    wrong = complaints(model, runtime)
    n_missing = max(1, len(wrong))
    if answer is not None:
        message = answer.refusal or f"{runtime.name} compiles all {kinds}"
        source = runtime_iri(runtime.name)
        lacking = n_missing if answer.refusal else 0
        asked = _operators(n_used, lacking, Evidence.MEASURED, source, message)
        return replace(asked, hint=answer.hint)
    if refusal is not None:
        message = f"{runtime.name} refuses the model: {refusal.words}"
        return _operators(n_used, n_missing, Evidence.MEASURED, refusal.source, message)
    if footprint is not None and footprint.arena_evidence in PROVEN and not wrong:
        message = f"the interpreter of TFLM runs all {kinds} on a PC"
        return _operators(n_used, 0, Evidence.DECLARED, footprint.source, message)
    return None


def _operators_by_declaration(model: ModelNeeds, runtime: Runtime) -> Constraint:
    """What the runtime's list says of each operator, version and element type."""
    n_used, kinds = _kinds(model)
    wrong = complaints(model, runtime)
    if not runtime.operators or not model.operators:
        subject = model.name if runtime.operators else runtime.name
        return _missing("operators", "operators", f"no operator list of {subject} is known")
    questions = open_questions(model, runtime)
    if questions and not wrong:
        shown = "; ".join(questions.values())
        return _missing("operators", "operators", f"{runtime.name} is not known to support {shown}")
    lacks = f"{runtime.name} lacks {', '.join(wrong.values())}"
    message = lacks if wrong else f"{runtime.name} declares all {kinds}"
    source = runtime_iri(runtime.name)
    return _operators(n_used, len(wrong), Evidence.DECLARED, source, message)


def _kinds(model: ModelNeeds) -> tuple[int, str]:
    n_used = len({use.operator for use in model.operators})
    return n_used, f"{n_used} kind{'s' * (n_used != 1)} of operator"


def isa_class(board: Board, runtime: Runtime, footprint: Footprint | None) -> Constraint:
    """Whether the runtime can be built for the board's core."""
    if board.isa_class is None:
        return _missing("isa_class", "ISA class", f"the ISA class of {board.board_id} is not known")
    core = f"{board.isa_class} ({board.cpu_core})" if board.cpu_core else board.isa_class
    doubt = doubt_of_core(board)
    if footprint is not None and is_measured_for(board, footprint):
        message = _with_doubt(f"built and run for {core}", doubt)
        evidence = Evidence.ESTIMATE if doubt else Evidence.MEASURED
        return _isa_class(evidence, footprint.source, message, supported=True)
    if runtime.npu:
        message = (
            f"{runtime.name} needs an {runtime.npu}, which {board.board_id} is not known to have"
        )
        return _missing("isa_class", "ISA class", message)
    if not runtime.isa_classes:
        return _missing("isa_class", "ISA class", f"no source says where {runtime.name} runs")
    supported = board.isa_class in runtime.isa_classes
    message = f"{runtime.name} {'builds' if supported else 'does not build'} for {core}"
    evidence = Evidence.ESTIMATE if doubt else Evidence.DECLARED
    message = _with_doubt(message, doubt)
    return _isa_class(evidence, runtime_iri(runtime.name), message, supported=supported)


def flash(
    model: ModelNeeds,
    board: Board,
    footprint: Footprint | None = None,
    answer: CompilerAnswer | None = None,
) -> Constraint:
    """Whether one flash region holds the image after its reserve."""
    regions = flash_candidates(board)
    if not regions:
        return _missing("flash", "B", f"no flash region of {board.board_id} is known")
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
        return _missing("sram", "B", f"no SRAM region of {board.board_id} is known")
    figures = _surest(memory_figures.of_sram, RAM_KINDS, footprint, board)
    arena_bytes = answer.arena_bytes if answer else None
    what = "the largest input or output" if arena_bytes is None else "the arena"
    least_bytes = model.largest_io_bytes if arena_bytes is None else arena_bytes
    doubt = doubt_of_sizes(regions, board)
    if answer is not None and may_spread(answer.arena_bound_bytes, board):
        least_bytes = None
    floor = Floor(what, least_bytes, capacity_bytes(regions[0]), doubt, regions[0].name)
    found = _memory("sram", model, board, footprint, figures, floor)
    if found.satisfied is False and footprint and is_measured_for(board, footprint):
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
    if footprint and figures and is_measured_for(board, footprint):
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
    return _missing(name, "B", message, available=floor.available_bytes)


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
    message = _with_doubt(message, figures.doubt)
    return Constraint(
        name=name,
        required=figures.required_bytes,
        available=figures.available_bytes,
        margin=figures.margin_bytes,
        unit="B",
        evidence=evidence,
        satisfied=satisfied,
        sources=_sources(footprint.source),
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
        sources=_sources(model.source),
        message=_with_doubt(
            f"{floor.what} alone takes {required:,} B; "
            f"the largest region, {floor.region}, holds {floor.available_bytes:,} B",
            floor.doubt,
        ),
        region=floor.region,
    )


def _isa_class(evidence: Evidence, source: str, message: str, *, supported: bool) -> Constraint:
    return Constraint(
        name="isa_class",
        required=1,
        available=int(supported),
        margin=int(supported) - 1,
        unit="ISA class",
        evidence=evidence,
        satisfied=supported,
        sources=_sources(source),
        message=message,
    )


def _operators(
    n_used: int, n_missing: int, evidence: Evidence, source: str, message: str
) -> Constraint:
    return Constraint(
        name="operators",
        required=n_used,
        available=n_used - n_missing,
        margin=-n_missing,
        unit="operators",
        evidence=evidence,
        satisfied=n_missing == 0,
        sources=_sources(source),
        message=message,
    )


def _with_doubt(message: str, doubt: str) -> str:
    return f"{message}; but {doubt}" if doubt else message


def _missing(name: str, unit: str, message: str, available: int | None = None) -> Constraint:
    return Constraint(
        name=name,
        required=None,
        available=available,
        margin=None,
        unit=unit,
        evidence=Evidence.MISSING,
        satisfied=None,
        sources=(),
        message=message,
    )


def is_measured_for(board: Board, footprint: Footprint | None) -> bool:
    """Whether the footprint was measured on a build for the board's ISA class."""
    return (
        footprint is not None
        and footprint.evidence is Evidence.MEASURED
        and footprint.isa_class == board.isa_class
    )


def _sources(*sources: str) -> tuple[str, ...]:
    return tuple(source for source in sources if source)
