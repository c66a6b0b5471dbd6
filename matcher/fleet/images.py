"""Images of models on one board: where each lies beside the others, and what was proven of it.

Each model is an image of its own, which starts where what lies before it ends. So a firmware is
proven for its place by a link that had as much reserved. Memory is that of the image that runs; a
model that keeps its state between inferences has its own, and so have all of a group whose models
do not take turns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fitgraph.matcher import columns
from fitgraph.matcher.demand import GIVEN
from fitgraph.matcher.fleet.records import Artifact
from fitgraph.matcher.placement import (
    Need,
    addressed,
    capacity_bytes,
    flash_region,
    ram_of,
    usable,
)
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.iris import key_of, runtime_iri
from fitgraph.registry.store_base import Store


@dataclass(frozen=True, slots=True)
class Image:
    """What a model takes of a board.

    Attributes:
        has_own_ram: whether nobody else may use its memory between two inferences.
    """

    need: Need
    has_own_ram: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an image lies.

    Attributes:
        board: with what lies before the image reserved.
        most_bytes: that the image may take of the regions that something else follows in.
    """

    board: Board
    most_bytes: Mapping[str, int]

    def reserves(self, profile: Board) -> tuple[tuple[str, int], ...]:
        """Bytes reserved of regions, where they are not those of the profile."""
        own = {region.name: region.reserve_bytes for region in profile.regions}
        return tuple(
            (region.name, region.reserve_bytes)
            for region in self.board.regions
            if region.reserve_bytes != own.get(region.name)
        )


def slots(board: Board, images: Sequence[Image]) -> tuple[Slot, ...]:
    """A place for each image, in their order; none where they do not fit together.

    Those with memory of their own come first, so that the others share what is left.
    """
    left, found = board, {}
    for number in sorted(range(len(images)), key=lambda n: not images[n].has_own_ram):
        image = images[number]
        flash = flash_region(image.need.flash_bytes, addressed(left))
        ram = ram_of(image.need, addressed(left))
        if flash is None or ram is None:
            return ()
        taken = {flash.name: image.need.flash_bytes}
        if image.has_own_ram:
            taken |= _by_region([region.name for region in ram], image.need)
        found[number] = Slot(left, taken if len(images) > 1 else {})
        left = _after(left, taken)
    return tuple(found[number] for number in range(len(images)))


def _by_region(names: Sequence[str], needed: Need) -> dict[str, int]:
    """Bytes of each region that takes arena or rest."""
    parts = needed.parts if len(names) > 2 else (needed.arena_bytes,)
    found: defaultdict[str, int] = defaultdict(int)
    for name, n_bytes in zip(names, (*parts, needed.rest_bytes), strict=True):
        found[name] += n_bytes
    return found


def _after(board: Board, taken: Mapping[str, int]) -> Board:
    """The board with what an image takes reserved, too."""
    regions = (_reserved(region, taken.get(region.name, 0)) for region in board.regions)
    return replace(board, regions=tuple(regions))


def _reserved(region: MemoryRegion, n_bytes: int) -> MemoryRegion:
    if not n_bytes or region.base_address is None:
        return region
    end = usable(region)[0] + n_bytes - region.base_address
    return replace(region, reserve_bytes=min(end, region.size_bytes), reserve_reason=GIVEN)


@dataclass(frozen=True, slots=True)
class Proven:
    """A firmware that was linked for a board and run.

    Attributes:
        regions: bytes that it takes, and bytes that it left free, by the name of the region.
    """

    artifact: Artifact
    regions: Mapping[str, tuple[int, int]]

    def is_for(self, slot: Slot) -> bool:
        """Whether it was linked just there, and leaves the others what is theirs."""
        room = {one.name: capacity_bytes(one) for one in addressed(slot.board).regions}
        return bool(self.regions) and all(
            used + free == room.get(name) and used <= slot.most_bytes.get(name, used)
            for name, (used, free) in self.regions.items()
        )


#: Firmware by the digest of its model and the id of its board.
Proofs = Mapping[tuple[str, str], Sequence[Proven]]


def proofs_of(store: Store, runtime: str) -> Proofs:
    """All firmware under a runtime that was proven on a board."""
    regions: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    about: dict[str, tuple[tuple[str, str], Artifact]] = {}
    for row in columns.read(store, "proven_firmware", runtime=runtime_iri(runtime)):
        proof = str(row["proof"])
        uses = int(row["used_bytes"]), int(row["free_bytes"])
        regions[proof][str(row["region_name"])] = uses
        pair = key_of(str(row["model"])), key_of(str(row["board"]))
        about[proof] = pair, Artifact(str(row["firmware_sha256"]), proof)
    found: defaultdict[tuple[str, str], list[Proven]] = defaultdict(list)
    for proof, (pair, artifact) in sorted(about.items()):
        found[pair].append(Proven(artifact, regions[proof]))
    return found


def artifact_for(slot: Slot, proven: Iterable[Proven]) -> Artifact | None:
    """The last firmware that was proven for the slot, or None."""
    return next((one.artifact for one in reversed([*proven]) if one.is_for(slot)), None)
