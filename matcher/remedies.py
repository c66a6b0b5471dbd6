"""What would make a model run on a board: one function a remedy, each tries what it offers."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from fitgraph.matcher import columns
from fitgraph.matcher.decide import (
    OWN_RUNTIME,
    best_footprint,
    with_constraint,
)
from fitgraph.matcher.demand import Reserves, with_reserves
from fitgraph.matcher.explanation import Remedy, RemedyKind
from fitgraph.matcher.memory_constraints import flash_apart
from fitgraph.matcher.near_boards import kinship, nearest
from fitgraph.matcher.placement import (
    ALIGNMENT_BYTES,
    addressed,
    capacity_bytes,
    place,
    place_apart,
    ram_candidates,
    weights_candidates,
)
from fitgraph.matcher.remedy_case import (
    GOOD,
    Case,
    figures,
    is_known_for,
    offered,
    told,
    with_measurement,
)
from fitgraph.matcher.verdict import Verdict
from fitgraph.matcher.workshop import Tried, Workshop
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.resources import Resources

#: Shares of the channels that pruning is tried with, the least first.
PRUNING_RATES: Final = (0.25, 0.5, 0.75)
#: Bits of a weight that quantization is tried with after 8, the most first.
FEW_BITS: Final = (4, 2)
#: Boards that are offered, and ISA classes that are built for to find them.
MAX_BOARDS: Final = 5
MAX_CLASSES: Final = 3
# What stack and static data are taken as before a build tells.
_REST_BYTES: Final = 1024


def all_of(case: Case) -> Iterator[Remedy]:
    """Every remedy that works, the least change first."""
    yield from smaller_reserve(case)
    if case.runtime.name == OWN_RUNTIME and case.is_short("flash", "sram"):
        yield from packed_weights(case)
        yield from external_weights(case)
        yield from smaller_model(case)
    yield from another_runtime(case)
    yield from another_board(case)


def smaller_reserve(case: Case) -> Iterator[Remedy]:
    """Less memory for what runs beside the model, region by region."""
    if not any(one.reserve_bytes for one in case.board.regions):
        return
    if case.is_short("flash", "sram"):
        # A lower bound tells that it is too little, and not how much would be enough.
        case = with_measurement(case)
    for lacking in case.match.constraints:
        if lacking.unit != "B" or lacking.margin is None or lacking.margin >= 0:
            continue
        region = next((one for one in case.board.regions if one.name == lacking.region), None)
        if region is None or not region.reserve_bytes:
            continue
        # A region starts on 1,024 bytes, so that much may be lost again.
        left = max(0, region.reserve_bytes + int(lacking.margin) - 1023)
        board = with_reserves(case.board, Reserves(by_region={region.name: left}))
        found = case.judged(case.footprints, board=board)
        if found.verdict in GOOD:
            option = "--reserve-flash" if lacking.name == "flash" else "--reserve-sram"
            yield Remedy(
                RemedyKind.SMALLER_RESERVE,
                f"reserve {left:,} B of {region.name} instead of {region.reserve_bytes:,} B",
                f"fitgraph match {case.called} --board {board.board_id} "
                f"{option} {shlex.quote(f'{region.name}={left}')}",
                found,
                region.reserve_bytes - left,
            )


def smaller_model(case: Case) -> Iterator[Remedy]:
    """int8, patches, fewer channels: what needs a build to be known."""
    workshop, isa_class = case.workshop, case.board.isa_class
    if workshop is None or isa_class is None or isa_class not in case.runtime.isa_classes:
        return
    quantized = workshop.quantized(case.model, isa_class)
    if quantized is not None:
        remedy = offered(case, RemedyKind.QUANTIZATION, quantized)
        yield from remedy
        if not remedy:
            yield from _in_few_bits(case, workshop)
            yield from _in_patches(case, quantized, workshop)
    else:
        yield from _in_patches(case, None, workshop)
    for rate in PRUNING_RATES:
        pruned = workshop.pruned(case.model, isa_class, rate)
        remedy = [] if pruned is None else offered(case, RemedyKind.PRUNING, pruned)
        yield from remedy
        if remedy or pruned is None:
            return


def _in_few_bits(case: Case, workshop: Workshop) -> Iterator[Remedy]:
    """Of int8 that is still too large: with weights that are packed, the most bits that fit."""
    if not case.is_short("flash"):
        return
    for bits in FEW_BITS:
        tried = workshop.quantized(case.model, case.board.needed_isa_class(), bits)
        remedy = [] if tried is None else offered(case, RemedyKind.QUANTIZATION, tried)
        yield from remedy
        if remedy or tried is None:
            return


def _in_patches(case: Case, variant: Tried | None, workshop: Workshop) -> Iterator[Remedy]:
    """The first layers patch by patch, in what RAM leaves beside stack and static data.

    Args:
        variant: to be run so, after its own command; None for the model as it is.
    """
    model = case.model if variant is None else variant.model
    regions, isa_class = ram_candidates(case.board), case.board.needed_isa_class()
    if not regions or not case.is_short("sram"):
        return
    room = capacity_bytes(regions[0])
    rest = _REST_BYTES if variant is None else variant.footprint.rest_bytes + ALIGNMENT_BYTES
    for _ in range(2):
        budget = (room - rest) // ALIGNMENT_BYTES * ALIGNMENT_BYTES
        tried = workshop.patched(model, isa_class, budget) if budget > 0 else None
        if tried is not None and variant is not None:
            tried = replace(
                tried,
                words=f"{variant.words} and {tried.words}",
                command=f"{variant.command} && {tried.command}",
            )
        remedy = [] if tried is None else offered(case, RemedyKind.PATCH_EXECUTION, tried)
        yield from remedy
        if remedy or tried is None:
            return
        rest = tried.footprint.rest_bytes + ALIGNMENT_BYTES


def packed_weights(case: Case) -> Iterator[Remedy]:
    """Weights in the fewest bits that hold them: less flash, the same outputs."""
    if case.workshop is None or not case.is_short("flash"):
        return
    if case.board.isa_class not in case.runtime.isa_classes:
        return
    # What a lower bound leaves open may fit as it is.
    plain = with_measurement(case)
    if plain.is_short("flash"):
        tried = case.workshop.packed(case.model, case.board.needed_isa_class())
        yield from [] if tried is None else offered(plain, RemedyKind.PACKED_WEIGHTS, tried)


def external_weights(case: Case) -> Iterator[Remedy]:
    """Weights in one flash region, what is left of the image in another."""
    if not case.is_short("flash") or len(weights_candidates(addressed(case.board))) < 2:
        return
    footprint = best_footprint(case.footprints, case.board)
    if footprint is None or footprint.isa_class != case.board.isa_class:
        footprint = next((one.footprint for one in told(case, OWN_RUNTIME, case.board)), None)
    if footprint is None:
        return
    for region in weights_candidates(addressed(case.board)):
        placement = place_apart(footprint, case.board, region.name)
        if placement is None:
            continue
        apart = flash_apart(footprint, case.board, placement)
        found = with_constraint(case.judged([footprint]), apart)
        if found.verdict in GOOD:
            yield Remedy(
                RemedyKind.EXTERNAL_WEIGHTS,
                f"put the weights into {region.name}: {found.verdict}, {apart.message}",
                f"fitgraph build {case.called} --board {case.board.board_id} "
                f"--weights-in {shlex.quote(region.name)}",
                found,
            )
            return


def another_runtime(case: Case) -> Iterator[Remedy]:
    """Runtimes whose footprint of the model is known, or can be told here."""
    for name in sorted(Resources(case.store).names("runtime")):
        if name == case.runtime.name:
            continue
        runtime = columns.runtime(case.store, name)
        footprints = columns.footprints(case.store, name, case.model.source)
        known = list(footprints.get(case.model.sha256, ()))
        commands = [f"fitgraph match {case.called} --board {case.board.board_id} --runtime {name}"]
        found = case.judged(known, runtime=runtime)
        if not is_known_for(known, case.board) and found.verdict is not Verdict.NO:
            for one in told(case, name, case.board):
                known.append(one.footprint)
                commands.insert(0, one.command)
            found = case.judged(known, runtime=runtime)
        if found.verdict in GOOD and known:
            yield Remedy(
                RemedyKind.ANOTHER_RUNTIME,
                f"run it under {name}: {figures(found)}",
                " && ".join(commands),
                found,
            )


def another_board(case: Case) -> Iterator[Remedy]:
    """The nearest boards that the model runs on, by pins, vendor, price class and memory."""
    known, built, n_found = list(case.footprints), set[str | None](), 0
    for board in nearest(case.board, case.boards, case.prices):
        found = case.judged(known, board=board)
        isa_class = board.isa_class
        is_open = found.verdict is Verdict.UNKNOWN and not is_known_for(known, board)
        if is_open and isa_class not in built and len(built) < MAX_CLASSES:
            built.add(isa_class)
            known += [one.footprint for one in told(case, case.runtime.name, board)]
            found = case.judged(known, board=board)
        if found.verdict in GOOD and n_found < MAX_BOARDS and _can_be_linked(case, known, board):
            n_found += 1
            kin = kinship(case.board, board, case.prices)
            yield Remedy(
                RemedyKind.ANOTHER_BOARD,
                f"take {board.board_id} ({kin}): {figures(found)}",
                f"fitgraph build {case.called} --board {board.board_id}",
                found,
            )


def _can_be_linked(case: Case, footprints: Iterable[Footprint], board: Board) -> bool:
    """Whether a build would find regions to go into, where builds are done here."""
    if case.runtime.name != OWN_RUNTIME:
        return True
    footprint = best_footprint(footprints, board)
    return footprint is not None and place(footprint, board) is not None
