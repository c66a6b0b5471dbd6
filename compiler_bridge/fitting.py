"""The build that a board holds: its arena in one region, or in several where none takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.arena_regions import placed_in, rooms_of
from fitgraph.compiler_bridge.build import ClassBuild, build_for_class, footprint_of
from fitgraph.compiler_bridge.cmsis_nn.checkout import Checkout, for_class
from fitgraph.compiler_bridge.errors import ArenaRegionsError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.rooms import Room
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.matcher.placement import (
    Placement,
    addressed,
    best_attempt,
    flash_region,
    need,
    place,
    place_apart,
    ram_candidates,
)
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.model_graph import ModelGraph

# Builds with other regions that may show a larger stack than the one before, which is then planned
# with. None of our models has needed a second one.
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a build for a board is asked for.

    Attributes:
        arena_budget_bytes: see ``generate``.
        weights_region: flash region that takes the weights apart from the rest; none does where it
            is empty.
        arena_regions: RAM regions that the arena is to lie in, the fastest first; where there are
            none, that one which holds it, or as many of the board as it takes.
        pack_weights: see ``generate``.
        cmsis_nn: a checkout of CMSIS-NN that is to be called.
    """

    arena_budget_bytes: int | None = None
    weights_region: str = ""
    arena_regions: tuple[str, ...] = ()
    pack_weights: bool = False
    cmsis_nn: Checkout | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A build and where it goes.

    Attributes:
        whole: the footprint with the arena in one region, where that was found not to fit.
    """

    generated: GeneratedCode
    build: ClassBuild
    footprint: Footprint
    placement: Placement
    whole: Footprint | None = None


def fitted(
    graph: ModelGraph,
    board: Board,
    wanted: Wanted,
    toolchain: Toolchain,
    compiling: Callable[[], None] = lambda: None,
) -> Fitted:
    """Builds, and builds again with the arena in several regions where that is what fits.

    Where nothing does, the placement is one with which the linker says what is short.

    Args:
        compiling: is told when C is compiled for the first time.

    Raises:
        ArenaRegionsError: the regions that the arena is to lie in do not hold it.
        MatchError: the board has no such regions.
        UnsupportedOperatorError: the model cannot be compiled.
        ToolchainError: nothing compiles for the board's core.
    """
    generated = _generated(graph, board, wanted)
    compiling()
    build = build_for_class(generated, board.needed_isa_class(), toolchain)
    footprint = footprint_of(build, graph.sha256, RUNTIME_NAME)
    placement = _placement(footprint, board, wanted)
    whole = Fitted(generated, build, footprint, placement or best_attempt(board))
    if wanted.arena_regions:
        return _spread(graph, board, wanted, toolchain, whole) or whole
    if placement is None and _may_be_spread(footprint, board):
        try:
            return _spread(graph, board, wanted, toolchain, whole) or whole
        except ArenaRegionsError:
            return whole
    return whole


def _may_be_spread(footprint: Footprint, board: Board) -> bool:
    """Whether more regions could help: it is not the flash that is short."""
    linkable = addressed(board)
    has_flash = flash_region(need(footprint).flash_bytes, linkable) is not None
    return has_flash and len(ram_candidates(linkable)) > 1


def _spread(
    graph: ModelGraph, board: Board, wanted: Wanted, toolchain: Toolchain, whole: Fitted
) -> Fitted | None:
    """The build with its arena in regions; None where no region takes stack and static data."""
    rest_bytes = need(whole.footprint).rest_bytes
    for _ in range(_MOST_TRIES):
        rooms = rooms_of(board, rest_bytes, wanted.arena_regions)
        if not rooms:
            return None
        generated = _generated(graph, board, wanted, rooms)
        build = build_for_class(generated, board.needed_isa_class(), toolchain)
        footprint = footprint_of(build, graph.sha256, RUNTIME_NAME)
        found = _placement(footprint, board, wanted) or best_attempt(board)
        rest_bytes = max(rest_bytes, need(footprint).rest_bytes)
        placement = placed_in(found, board, generated.parts, rest_bytes)
        if placement is not None:
            return Fitted(generated, build, footprint, placement, whole.footprint)
    raise ArenaRegionsError(
        f"the stack of {graph.name} grew with each way to lay its arena into regions",
        lower_bound_bytes=whole.generated.lower_bound_bytes,
        is_impossible=False,
        hint="name other regions for the arena",
    )


def _generated(
    graph: ModelGraph, board: Board, wanted: Wanted, rooms: Sequence[Sequence[Room]] = ()
) -> GeneratedCode:
    checkout = wanted.cmsis_nn
    return generate(
        graph,
        arena_budget_bytes=wanted.arena_budget_bytes,
        rooms=rooms,
        pack_weights=wanted.pack_weights,
        cmsis_nn=None if checkout is None else for_class(checkout, board.needed_isa_class()),
    )


def _placement(footprint: Footprint, board: Board, wanted: Wanted) -> Placement | None:
    """Where the footprint fits.

    Raises:
        MatchError: the board has no such region for weights.
    """
    name = wanted.weights_region
    apart = place_apart(footprint, board, name) if name else None
    return apart or place(footprint, board)
