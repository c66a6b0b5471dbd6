"""Holds what the matcher said against compiler, linker and emulator, in processes of its own."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Final

from benchmarks.records import ModelFile
from benchmarks.soundness_pairs import Pair, linkable
from fitgraph.compiler_bridge.build import (
    Firmware,
    build_for_class,
    footprint_of,
    link_for_board,
    run_firmware,
)
from fitgraph.compiler_bridge.compare import compare, require_equal
from fitgraph.compiler_bridge.elf import FirmwareImage, read_firmware
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.errors import DoesNotLinkError
from fitgraph.compiler_bridge.firmware.sources import firmware_sources
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.prove import computes_in_integers
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.protocol import Objects
from fitgraph.matcher.placement import (
    Placement,
    flash_candidates,
    place,
    ram_candidates,
    usable,
)
from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.read_model import read_model

#: Input sets of each firmware that is run.
N_INPUTS: Final = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """A model to build for an ISA class.

    Attributes:
        folder: where builds are kept.
    """

    model: ModelFile
    isa_class: str
    folder: Path

    def path(self, generated: GeneratedCode) -> Path:
        """Where a build of this C is kept."""
        texts = sorted(firmware_sources(generated, self.isa_class).items())
        digest = hashlib.sha256(repr(texts).encode()).hexdigest()
        return self.folder / f"{self.model.sha256[:16]}-{self.isa_class}-{digest[:16]}.pickle"


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """What a link needs."""

    generated: GeneratedCode
    objects: Objects
    footprint: Footprint


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one pair.

    Attributes:
        key: of the pair.
        links: how many links were tried.
        failure: why the verdict is unsound, or an empty string.
    """

    key: str
    links: int = 0
    failure: str = ""


def built(unit: Unit) -> Footprint | str:
    """Builds for the class, unless that was done before; the footprint, or why there is none."""
    try:
        return _built(unit).footprint
    except FitgraphError as error:
        return error.message


def linked(unit: Unit, pairs: Sequence[Pair]) -> list[Checked]:
    """Links all pairs of one model and class."""
    known = _built(unit)
    return [links_as_said(known, pair) for pair in pairs]


def ran(model: ModelFile, folder: Path, pairs: Sequence[Pair]) -> list[Checked]:
    """Runs pairs of one model that fit, each in its own board's regions."""
    graph = read_model(model.path)
    generated = generate(graph)
    inputs = [sample_inputs(generated, seed) for seed in range(N_INPUTS)]
    reference = reference_for(graph, model.path.read_bytes())
    expected = reference.run_many(inputs, keep_state=generated.is_stateful)
    is_exact = computes_in_integers(graph)

    def one(pair: Pair) -> Checked:
        known = _built(Unit(model, pair.isa_class, folder))
        emulator = emulator_for(pair.isa_class)
        assert emulator is not None, pair.isa_class
        try:
            firmware = _firmware(known, pair.board)
            run = run_firmware(known.generated, firmware, pair.board, emulator, inputs)
            require_equal(compare(run.outputs, expected, exact=is_exact), reference.name)
        except FitgraphError as error:
            return Checked(pair.key, failure=f"fits, but does not run: {error.message}")
        if run.stack_high_water_bytes > known.footprint.stack_bytes:
            return Checked(pair.key, failure="fits, but takes more stack than is reserved")
        return Checked(pair.key)

    return [one(pair) for pair in pairs]


@lru_cache(maxsize=4)
def _generated(path: Path) -> GeneratedCode:
    return generate(read_model(path))


def _built(unit: Unit) -> Built:
    generated = _generated(unit.model.path)
    path = unit.path(generated)
    if path.is_file():
        kept: Built = pickle.loads(path.read_bytes())  # noqa: S301 - written by ourselves
        return kept
    build = build_for_class(generated, unit.isa_class)
    footprint = footprint_of(build, unit.model.sha256, RUNTIME_NAME)
    made = Built(generated, build.objects, footprint)
    partial = path.with_suffix(".partial")
    partial.write_bytes(pickle.dumps(made))
    partial.replace(path)
    return made


def links_as_said(known: Built, pair: Pair) -> Checked:
    """Links one pair: once where it fits, else in every choice of regions."""
    try:
        if pair.verdict is Verdict.FITS:
            return Checked(pair.key, 1, _why_it_does_not_fit(known, pair.board))
        return _checked_no(known, pair)
    except FitgraphError as error:
        return Checked(pair.key, 1, f"{pair.verdict}, but the link fails: {error.message}")


def _why_it_does_not_fit(known: Built, board: Board) -> str:
    try:
        firmware = _firmware(known, board)
    except DoesNotLinkError as error:
        return f"fits, but does not link: {error.message}"
    strays = list(_strays(read_firmware(firmware.elf), board))
    return f"fits, but {', '.join(strays)} lies outside of all regions" if strays else ""


def _firmware(known: Built, board: Board) -> Firmware:
    """Linked where the matcher's own rule puts it.

    Raises:
        DoesNotLinkError: it puts it nowhere, or the linker finds no room.
    """
    placement = place(known.footprint, board)
    if placement is None:
        raise DoesNotLinkError("no choice of regions holds it")
    stack_bytes = known.footprint.stack_bytes
    return link_for_board(known.generated, board, placement, stack_bytes, objects=known.objects)


def _checked_no(known: Built, pair: Pair) -> Checked:
    """Tries every choice of regions: none may link."""
    board, stack_bytes = linkable(pair.board), known.footprint.stack_bytes
    links = 0
    for placement in _placements(board):
        links += 1
        try:
            link_for_board(known.generated, board, placement, stack_bytes, objects=known.objects)
        except DoesNotLinkError:
            continue
        names = (placement.flash.name, placement.arena.name, placement.rest.name)
        return Checked(pair.key, links, f"no, but it links with {', '.join(names)}")
    return Checked(pair.key, links)


def _placements(board: Board) -> Iterator[Placement]:
    """Every choice of a flash region, one for the arena and one for stack and static data."""
    ram = ram_candidates(board)
    for flash, arena, rest in product(flash_candidates(board), ram, ram):
        yield Placement(flash, arena, rest)


def _strays(image: FirmwareImage, board: Board) -> Iterator[str]:
    """Sections and segments that no one region of the board holds, after its reserve."""
    spans = [usable(one) for one in board.regions if one.base_address is not None]
    parts = [(one.name, one.address, one.end_address) for one in image.sections.values()]
    parts += [("a segment", one.load_address, one.end_address) for one in image.segments]
    for name, start, end in parts:
        if not any(origin <= start and end <= origin + capacity for origin, capacity in spans):
            yield name
