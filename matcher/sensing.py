"""Constraints on where a model's input comes from: sensors by kind, their channels and rate."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator

from fitgraph.matcher.demand import Demand, Sensor
from fitgraph.matcher.doubt import doubt_of_core, doubt_of_sizes
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.verdict import Constraint
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.iris import board_iri


def sensors(board: Board, demand: Demand) -> Constraint | None:
    """Whether board or device has the kinds of sensors; None where none is demanded."""
    wanted = sorted({sensor.kind for sensor in demand.sensors})
    if not wanted:
        return None
    there = {*board.sensors, *(sensor.kind for sensor in demand.mounted)}
    lacking = [kind for kind in wanted if kind not in there]
    n_there = len(wanted) - len(lacking)
    hint = ""
    if not lacking:
        satisfied, message = True, f"{board.board_id} has {_and(wanted)}"
    elif board.sensors and _is_sure(board):
        satisfied, message = False, f"{board.board_id} has no {' and no '.join(lacking)}"
        hint = _hint(lacking[0])
    else:
        satisfied = None
        known = f"has {_and(board.sensors)}, as far as is known" if board.sensors else ""
        told = (
            f"{board.board_id} {known}" if known else f"no source tells {board.board_id}'s sensors"
        )
        message = f"{told}; {_and(lacking)} wanted"
        hint = _hint(lacking[0])
    return Constraint(
        name="sensors",
        required=len(wanted),
        available=None if satisfied is None else n_there,
        margin=None if satisfied is None else -len(lacking),
        unit="kinds of sensor",
        evidence=_evidence(board, satisfied=satisfied),
        satisfied=satisfied,
        sources=(board_iri(board.board_id),),
        message=message,
        hint=hint,
    )


def _hint(kind: str) -> str:
    return f"if one is connected, say --mounted {kind}; of a fleet's group, sensors: [{kind}]"


def input_(model: ModelNeeds, demand: Demand) -> Constraint | None:
    """Whether sensors deliver what the input wants; None where nothing is said of it.

    One mounted sensor of the kind has both, since no board's profile tells any rate; its channels
    go evenly into the largest input.
    """
    asked = [one for one in demand.sensors if (one.rate_hz, one.channels) != (None, None)]
    if not asked:
        return None
    found = [_delivers(sensor, model, demand.mounted) for sensor in asked]
    wrong = [words for is_met, words in found if is_met is False]
    unknown = [words for is_met, words in found if is_met is None]
    satisfied = False if wrong else None if unknown else True
    kinds = _and(sensor.kind for sensor in asked)
    return Constraint(
        name="input",
        required=len(asked),
        available=None if satisfied is None else len(asked) - len(wrong),
        margin=None if satisfied is None else -len(wrong),
        unit="inputs",
        evidence=Evidence.MISSING if satisfied is None else Evidence.BOUND,
        satisfied=satisfied,
        sources=(model.source,) if model.source else (),
        message="; ".join(wrong or unknown) or f"{kinds}: channels and rate match",
        hint="say --mounted KIND:RATE_HZ:CHANNELS of what is connected" if unknown else "",
    )


def _delivers(
    wanted: Sensor, model: ModelNeeds, mounted: Iterable[Sensor]
) -> tuple[bool | None, str]:
    """Whether one demand is met, None where that is not known; and why not."""
    n_values = model.input_elements
    if wanted.channels is not None and n_values is not None and n_values % wanted.channels:
        return False, (
            f"{wanted.channels} channels do not go evenly into the {n_values:,} values of the input"
        )
    met = [_meets(sensor, wanted) for sensor in mounted if sensor.kind == wanted.kind]
    if any(one is True for one in met):
        return True, ""
    words = " and ".join(_figures(wanted))
    if None in met or not met:
        return None, f"whether the {wanted.kind} has {words} is not known"
    return False, f"no {wanted.kind} has {words}"


def _meets(given: Sensor, wanted: Sensor) -> bool | None:
    """Whether one sensor has both rate and channels; None where it is not said."""
    has_rate = _holds(given.rate_hz, wanted.rate_hz, operator.ge)
    has_channels = _holds(given.channels, wanted.channels, operator.eq)
    if has_rate is False or has_channels is False:
        return False
    return None if None in (has_rate, has_channels) else True


def _holds(
    given: float | None, wanted: float | None, compare: Callable[[float, float], bool]
) -> bool | None:
    if wanted is None:
        return True
    return None if given is None else compare(given, wanted)


def _figures(wanted: Sensor) -> Iterator[str]:
    if wanted.rate_hz is not None:
        yield f"{wanted.rate_hz:g} Hz"
    if wanted.channels is not None:
        yield f"{wanted.channels} channels"


def _evidence(board: Board, *, satisfied: bool | None) -> Evidence:
    """A demand is its own bound; what the board has is as sure as the rest of its profile."""
    if satisfied is None:
        return Evidence.MISSING
    return Evidence.BOUND if _is_sure(board) else Evidence.ESTIMATE


def _is_sure(board: Board) -> bool:
    return not doubt_of_core(board) and not doubt_of_sizes(board.regions, board)


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
