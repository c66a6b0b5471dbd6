"""What a model takes of a board's memory, region by region, for the picture of its map."""

from __future__ import annotations

from fitgraph.api.pictures.memory_map import Use
from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.placement import best_attempt, place
from fitgraph.matcher.verdict import Match
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint


def uses_of(footprint: Footprint, board: Board) -> tuple[Use, ...]:
    """Where the parts of a firmware lie, or would have to where they do not fit.

    Nothing where no region's address is known.
    """
    try:
        found = place(footprint, board) or best_attempt(board)
    except MatchError:
        return ()
    weights = found.weights or found.flash
    return (
        Use(weights.name, "weights", footprint.weights_bytes),
        Use(found.flash.name, "code", footprint.flash_bytes - footprint.weights_bytes),
        Use(found.arena.name, "arena", footprint.arena_bytes),
        Use(found.rest.name, "stack", footprint.stack_bytes),
        Use(found.rest.name, "static", footprint.static_bytes),
    )


def whole_uses(found: Match) -> tuple[Use, ...]:
    """What a match says of image and memory as wholes, where no footprint tells their parts."""
    wanted = (("flash", "image"), ("sram", "memory"))
    told = [(part, found.constraint(name)) for name, part in wanted]
    return tuple(
        Use(one.region, part, int(one.required))
        for part, one in told
        if one.region and one.required is not None
    )
