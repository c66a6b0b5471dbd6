"""What was shown of one firmware: a record that goes into the graph and into a JSON file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegionUse:
    """Bytes that a linked firmware takes of one memory region, after the reserve."""

    region: str
    used_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class FirmwarePart:
    """A section or a symbol of a firmware.

    Attributes:
        instructions: of the last inference, where it is a function that ran and the emulator can
            tell.
    """

    name: str
    n_bytes: int
    instructions: int | None = None


@dataclass(frozen=True, slots=True)
class ProofInputs:
    """What a firmware was run on.

    Attributes:
        kind: ``given`` or ``random``; random ones are made anew from seeds that count from 0.
        sha256: of the bytes of all inputs, set after set.
    """

    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Evidence that a firmware links into a board's regions and computes what it should.

    Attributes:
        model_sha256: of the model file that was compiled.
        model_name: under which it was compiled; the C names start so.
        board_id: whose regions it was linked into.
        firmware_sha256: of the ELF file.
        emulator: name and version.
        reference: what the outputs were compared with.
        n_inputs: how many input sets were run.
        n_outputs_compared: how many output values were compared.
        worst_difference: largest absolute difference over all outputs, in output units (LSB for
            integer outputs).
        instructions_per_inference: of the last run; deterministic.
        stack_high_water_bytes: deepest stack use seen.
        created_at: ISO 8601 time, UTC.
        stack_bound_bytes: the deepest that the stack can get by the code; None where that cannot
            be told.
        sources_sha256: of the C sources' and the linker script's names and bytes.
        toolchain_sha256: of the compiler's executable.
        inputs: None where it is not known on what the firmware was run.
        outputs_sha256: of the bytes of all outputs, set after set.
        arena_budget_bytes: what the arena keeps within by running layers in patches, which take
            instructions of their own; None where none does.
        arena_regions: that the arena was asked to lie in, the fastest first; none where the build
            chose.
        packed_weights: whether layers have weights in fewer bits than the model file has them in,
            because that was asked for.
        called_library: somebody else's library that the firmware calls, with its version; empty
            where it calls none.
        called_library_sha256: of its headers' and sources' names and bytes.
        sections: by name.
        symbols: the largest first.
    """

    model_sha256: str
    board_id: str
    runtime: str
    isa_class: str
    toolchain: str
    firmware_sha256: str
    emulator: str
    reference: str
    n_inputs: int
    n_outputs_compared: int
    worst_difference: float
    instructions_per_inference: int
    stack_high_water_bytes: int
    regions: tuple[RegionUse, ...]
    created_at: str
    stack_bound_bytes: int | None = None
    sources_sha256: str = ""
    toolchain_sha256: str = ""
    inputs: ProofInputs | None = None
    outputs_sha256: str = ""
    sections: tuple[FirmwarePart, ...] = ()
    symbols: tuple[FirmwarePart, ...] = ()
    arena_budget_bytes: int | None = None
    arena_regions: tuple[str, ...] = ()
    packed_weights: bool = False
    called_library: str = ""
    called_library_sha256: str = ""
    model_name: str = ""
