"""What a proof says, from all that was built and run for it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from fitgraph.compiler_bridge.build import Firmware
from fitgraph.compiler_bridge.compare import Comparison
from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.emulators.protocol import EmulationResult, Emulator
from fitgraph.compiler_bridge.firmware.sources import firmware_sources
from fitgraph.compiler_bridge.generated import GeneratedCode, Library
from fitgraph.compiler_bridge.io_bytes import Arrays, input_stream
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.static_stack.bound import StackBound, stack_bound
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.registry.board import Board
from fitgraph.registry.proof import FirmwarePart, Proof, ProofInputs

# What a symbol may be of: a function, an object. Others name places.
_SYMBOL_TYPES = ("STT_FUNC", "STT_OBJECT")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Everything that one proof rests on.

    Attributes:
        model_sha256: of the model file.
        model_name: under which it was compiled.
        reference: what the outputs were compared with.
        sets: of input arrays.
        kind: ``given`` or ``random``.
        arena_regions: that the arena was asked to lie in; none where the build chose.
    """

    model_sha256: str
    model_name: str
    generated: GeneratedCode
    board: Board
    firmware: Firmware
    toolchain: Toolchain
    emulator: Emulator
    reference: str
    run: EmulationResult
    comparison: Comparison
    sets: Sequence[Sequence[Array]]
    kind: str
    arena_regions: tuple[str, ...] = ()


def proof_record(shown: Shown) -> Proof:
    """The proof, of this moment."""
    board, firmware, run = shown.board, shown.firmware, shown.run
    isa_class = board.needed_isa_class()
    bound = stack_bound(firmware.elf, isa_class)
    return Proof(
        model_sha256=shown.model_sha256,
        board_id=board.board_id,
        runtime=RUNTIME_NAME,
        isa_class=isa_class,
        toolchain=firmware.toolchain,
        firmware_sha256=hashlib.sha256(firmware.elf).hexdigest(),
        emulator=shown.emulator.identity,
        reference=shown.reference,
        n_inputs=len(shown.sets),
        n_outputs_compared=shown.comparison.n_values,
        worst_difference=shown.comparison.worst_difference,
        instructions_per_inference=run.instructions_per_inference,
        stack_high_water_bytes=run.stack_high_water_bytes,
        regions=firmware.regions,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        stack_bound_bytes=bound.thread_bytes if isinstance(bound, StackBound) else None,
        sources_sha256=sources_digest(shown.generated, isa_class, firmware.linker_script),
        toolchain_sha256=shown.toolchain.digest,
        inputs=ProofInputs(shown.kind, inputs_digest(shown.generated, shown.sets)),
        outputs_sha256=_outputs_digest(run.outputs),
        sections=_sections(firmware.elf),
        symbols=_symbols(firmware.elf, run.instructions_by_symbol),
        # To ask for the arena that came out gives the same patches.
        arena_budget_bytes=shown.generated.arena_bytes if shown.generated.in_patches else None,
        arena_regions=shown.arena_regions,
        packed_weights=shown.generated.packed_weights,
        **_library(shown.generated.library),
        model_name=shown.model_name,
    )


def _library(library: Library | None) -> dict[str, str]:
    if library is None:
        return {}
    return {"called_library": library.name, "called_library_sha256": library_digest(library)}


def library_digest(library: Library) -> str:
    """SHA-256 of the headers and sources that were compiled: of names, lengths and bytes."""
    return files_digest({name: text.encode() for name, text in library.files.items()})


def library_facts(library: Library | None) -> dict[str, object]:
    """What a manifest says of a library that the sources call; nothing where they call none."""
    if library is None:
        return {}
    needs = {"library": library.name, "sha256": library_digest(library)}
    return {"needs": {**needs, "sources": library.sources}}


def sources_digest(generated: GeneratedCode, isa_class: str, linker_script: str) -> str:
    """SHA-256 of all C sources and the linker script: of names, lengths and bytes."""
    files = {**firmware_sources(generated, isa_class), "board.ld": linker_script}
    return files_digest({name: text.encode() for name, text in files.items()})


def files_digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over files in the order of their names."""
    found = hashlib.sha256()
    for name, content in sorted(files.items()):
        found.update(f"{name}\n{len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def inputs_digest(generated: GeneratedCode, sets: Sequence[Sequence[Array]]) -> str:
    """SHA-256 of the bytes of all inputs."""
    return hashlib.sha256(input_stream(generated, sets)).hexdigest()


def _outputs_digest(outputs: Iterable[Arrays]) -> str:
    found = hashlib.sha256()
    for arrays in outputs:
        for array in arrays:
            found.update(array.tobytes())
    return found.hexdigest()


def _sections(elf: bytes) -> tuple[FirmwarePart, ...]:
    sections = read_firmware(elf).sections.values()
    by_name = sorted(sections, key=lambda section: section.name)
    return tuple(FirmwarePart(section.name, section.n_bytes) for section in by_name)


def _symbols(elf: bytes, instructions: Mapping[str, int]) -> tuple[FirmwarePart, ...]:
    """Functions and objects with their sizes; where names share a place, the first of them."""
    table = ELFFile(io.BytesIO(elf)).get_section_by_name(".symtab")
    sizes: dict[int, tuple[str, int]] = {}
    assert isinstance(table, SymbolTableSection)
    for symbol in sorted(table.iter_symbols(), key=lambda one: one.name):
        if symbol["st_info"]["type"] in _SYMBOL_TYPES and symbol["st_size"]:
            place = symbol["st_value"]
            is_counted = symbol.name in instructions
            if place not in sizes or is_counted:
                sizes[place] = (symbol.name, symbol["st_size"])
    names = _unique(sizes.values())
    largest_first = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        FirmwarePart(name, n_bytes, instructions.get(name) or None)
        for name, n_bytes in largest_first
    )


def _unique(symbols: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sizes by name; static ones of the same name, from several files, together."""
    sizes: dict[str, int] = {}
    for name, n_bytes in symbols:
        sizes[name] = sizes.get(name, 0) + n_bytes
    return sizes
