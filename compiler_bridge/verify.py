"""Does a proof once more, and says line by line what comes out as it states and what does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

from fitgraph.compiler_bridge.cmsis_nn.checkout import Checkout
from fitgraph.compiler_bridge.errors import ProofError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.io_bytes import input_sets
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.prove import Progress, ProvenBuild, prove
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.matcher.placement import capacity_bytes, weights_candidates
from fitgraph.registry.board import Board, MemoryRegion
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.proof import Proof
from fitgraph.registry.triples.proof import canonical_proof

Known = str | int | float | None

# More than these are no proof that a build of ours wrote.
MOST_RANDOM_INPUTS = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a proof.

    Attributes:
        stated: by the proof; None where it says nothing, which is no proof of anything.
        found: now.
    """

    name: str
    stated: Known
    found: Known

    @property
    def holds(self) -> bool:
        return self.stated is not None and self.stated == self.found


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of doing a proof again."""

    lines: tuple[Line, ...]

    @property
    def holds(self) -> bool:
        return all(line.holds for line in self.lines)

    @property
    def differing(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.holds)


def verify(  # noqa: PLR0913 - what came with the proof, each its own
    proof: Proof,
    graph: ModelGraph,
    model_bytes: bytes,
    board: Board,
    input_bytes: bytes | None = None,
    *,
    firmware: bytes | None = None,
    footprint: Footprint | None = None,
    cmsis_nn: Callable[[], Checkout] | None = None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Verification:
    """Generates, compiles, links, runs and compares again; every statement is a line.

    A model with another digest is the one line that comes back: nothing else would mean anything.

    Args:
        graph: of ``model_bytes``.
        board: whose regions the firmware was linked into.
        input_bytes: of all inputs; needed where they were given and not random.
        firmware: the ELF file that came with the proof, to be held against it too.
        footprint: that came with the proof, likewise.
        cmsis_nn: reads a checkout of CMSIS-NN; needed where the firmware calls it.

    Raises:
        CmsisNnError: see ``read_checkout``.
        ProofError: what would be needed to do it again is not there, or the outputs differ from the
            reference.
        BridgeError: the model no longer compiles, links or runs; see ``prove``.
    """
    model = Line("model", proof.model_sha256, hashlib.sha256(model_bytes).hexdigest())
    if not model.holds:
        return Verification((model,))
    _require_ours(proof, board)
    board = _as_linked(proof, board)
    again = prove(
        replace(graph, name=proof.model_name or graph.name),
        model_bytes,
        board,
        _inputs(proof, graph, input_bytes),
        toolchain=toolchain_for(proof.isa_class, _make(proof.toolchain)),
        n_random=proof.n_inputs,
        arena_budget_bytes=proof.arena_budget_bytes,
        weights_region=_weights_region(proof, board),
        arena_regions=proof.arena_regions,
        pack_weights=proof.packed_weights,
        cmsis_nn=_library(proof, cmsis_nn),
        progress=progress,
    )
    return held(proof, again, firmware=firmware, footprint=footprint)


def held(
    proof: Proof,
    again: ProvenBuild,
    *,
    firmware: bytes | None = None,
    footprint: Footprint | None = None,
) -> Verification:
    """Holds a proof to what came out when its model was built again; see ``verify``."""
    model = Line("model", proof.model_sha256, again.proof.model_sha256)
    shipped = [] if firmware is None else [_digest_line("firmware as kept", proof, firmware)]
    taken = [] if footprint is None else _footprint_lines(footprint, again.footprint)
    return Verification((model, *shipped, *_lines(proof, again), *taken))


def _require_ours(proof: Proof, board: Board) -> None:
    if proof.runtime != RUNTIME_NAME:
        raise ProofError(
            f"the proof is of {proof.runtime}, which is not built here",
            hint=f"only proofs of {RUNTIME_NAME} can be done again",
        )
    if proof.board_id != board.board_id:
        raise ProofError(f"the proof is for {proof.board_id}, the board is {board.board_id}")
    if proof.inputs is None or not 0 < proof.n_inputs <= MOST_RANDOM_INPUTS:
        raise ProofError(
            "the proof does not say on which inputs the firmware was run",
            hint="build the model again",
        )


def _as_linked(proof: Proof, board: Board) -> Board:
    """The board with as much of each region reserved as the firmware was linked behind."""
    rooms = {use.region: use.used_bytes + use.free_bytes for use in proof.regions}
    regions = (_behind(region, rooms.get(region.name)) for region in board.regions)
    return replace(board, regions=tuple(regions))


def _behind(region: MemoryRegion, room_bytes: int | None) -> MemoryRegion:
    """The region with that much room after its reserve."""
    if room_bytes is None or room_bytes == capacity_bytes(region):
        return region
    return replace(region, reserve_bytes=max(0, region.size_bytes - room_bytes))


def _weights_region(proof: Proof, board: Board) -> str:
    """The flash region that took the weights apart, which stands after the others; or nothing."""
    flash = {region.name for region in weights_candidates(board)}
    return next((use.region for use in proof.regions[1:] if use.region in flash), "")


def _inputs(
    proof: Proof, graph: ModelGraph, input_bytes: bytes | None
) -> Sequence[Sequence[Array]]:
    """Sets of given inputs; none where they are to be made at random."""
    if proof.inputs is None or proof.inputs.kind == "random":
        return ()
    if input_bytes is None:
        raise ProofError(
            "the inputs that the firmware was run on are not there",
            hint="keep inputs.bin beside the proof",
        )
    return input_sets(generate(graph), input_bytes, proof.n_inputs)


def _library(proof: Proof, cmsis_nn: Callable[[], Checkout] | None) -> Checkout | None:
    """The checkout, where the proof is of a firmware that calls it."""
    if not proof.called_library:
        return None
    if cmsis_nn is None:
        raise ProofError(
            f"the firmware calls {proof.called_library}, which is not there",
            hint="give the folder of the same version with --cmsis-nn",
        )
    return cmsis_nn()


def _make(toolchain: str) -> str:
    """``gcc`` or ``zig``, as the toolchain was chosen by."""
    return "gcc" if "gcc" in toolchain else "zig"


def _digest_line(name: str, proof: Proof, firmware: bytes) -> Line:
    return Line(name, proof.firmware_sha256, hashlib.sha256(firmware).hexdigest())


# What a proof says, by the name that people read.
_STATEMENTS: Sequence[tuple[str, Callable[[Proof], Known]]] = (
    ("model's name", lambda proof: proof.model_name or None),
    ("board", lambda proof: proof.board_id),
    ("ISA class", lambda proof: proof.isa_class),
    ("toolchain", lambda proof: proof.toolchain),
    ("toolchain's digest", lambda proof: proof.toolchain_sha256 or None),
    ("emulator", lambda proof: proof.emulator),
    ("reference", lambda proof: proof.reference),
    ("sources", lambda proof: proof.sources_sha256 or None),
    ("firmware", lambda proof: proof.firmware_sha256),
    ("inputs", lambda proof: proof.inputs.sha256 if proof.inputs else None),
    ("kind of inputs", lambda proof: proof.inputs.kind if proof.inputs else None),
    ("input sets", lambda proof: proof.n_inputs),
    ("outputs", lambda proof: proof.outputs_sha256 or None),
    ("arena budget", lambda proof: proof.arena_budget_bytes or "none"),
    ("arena regions", lambda proof: ", ".join(proof.arena_regions) or "as they fit"),
    ("packed weights", lambda proof: "on demand" if proof.packed_weights else "as they are"),
    ("library", lambda proof: proof.called_library or "none"),
    ("library's digest", lambda proof: proof.called_library_sha256 or "none"),
    ("outputs compared", lambda proof: proof.n_outputs_compared),
    ("worst difference", lambda proof: float(proof.worst_difference)),
    ("instructions", lambda proof: proof.instructions_per_inference),
    ("stack high-water mark", lambda proof: proof.stack_high_water_bytes),
    ("stack bound", lambda proof: _or_unknown(proof.stack_bound_bytes)),
)


def _footprint_lines(stated: Footprint, found: Footprint) -> Iterable[Line]:
    for field in fields(Footprint):
        told = str(getattr(stated, field.name))
        yield Line(f"footprint: {field.name}", told, str(getattr(found, field.name)))


def _or_unknown(n_bytes: int | None) -> Known:
    return "unknown" if n_bytes is None else n_bytes


def _lines(stated: Proof, again: ProvenBuild) -> Iterable[Line]:
    found, told = canonical_proof(again.proof), canonical_proof(stated)
    for name, value in _STATEMENTS:
        yield Line(name, value(told), value(found))
    yield from _parts("region", _regions(told), _regions(found))
    yield from _parts("section", _sizes(told, "sections"), _sizes(found, "sections"))
    yield from _parts("symbol", _sizes(told, "symbols"), _sizes(found, "symbols"))


def _parts(kind: str, stated: dict[str, str], found: dict[str, str]) -> Iterable[Line]:
    if not stated:
        yield Line(f"{kind}s", None, len(found))
    for name in [*stated, *(name for name in found if name not in stated)] if stated else ():
        yield Line(f"{kind} {name}", stated.get(name, "absent"), found.get(name, "absent"))


def _regions(proof: Proof) -> dict[str, str]:
    return {use.region: f"{use.used_bytes} used, {use.free_bytes} free" for use in proof.regions}


def _sizes(proof: Proof, kind: str) -> dict[str, str]:
    parts = proof.sections if kind == "sections" else proof.symbols
    return {
        part.name: f"{part.n_bytes} B"
        + ("" if part.instructions is None else f", {part.instructions} instructions")
        for part in parts
    }
