"""Generated code becomes firmware: for an ISA class to measure it, for a board to flash it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy.typing as npt

from fitgraph.compiler_bridge.elf import (
    FirmwareSizes,
    firmware_sizes,
    read_firmware,
    region_uses,
)
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.protocol import EmulationResult, Emulator
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.errors import ProofError
from fitgraph.compiler_bridge.firmware.linker_script import (
    keeping_line_tables,
    linker_script,
    regions_by_role,
)
from fitgraph.compiler_bridge.firmware.sources import Harness, firmware_sources
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.stack import stack_need_bytes
from fitgraph.compiler_bridge.static_stack.bound import StackBound, UnknownStack, stack_bound
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.link_errors import RegionOverflowError, overflow_error
from fitgraph.compiler_bridge.toolchain.protocol import (
    DEFAULT_OPTIMISATION,
    Objects,
    Toolchain,
)
from fitgraph.matcher.placement import Placement, best_attempt
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.proof import RegionUse

# Reserved while the need is measured: far more than generated code, which never recurses, takes.
_AMPLE_STACK_BYTES = 64 * 1024

# For a run of one's own: twice what any of our models takes.
SMALL_STACK_BYTES = 1024

# Where the code does not tell: what rare paths may take beyond what a run shows, and, without a
# run, five times what the deepest of our kernels takes elsewhere.
_RARE_PATHS_BYTES = 128
_ASSUMED_STACK_BYTES = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Firmware:
    """A linked firmware.

    Attributes:
        linker_script: that it was laid out with.
        regions: bytes taken of each region that it lies in, by the board's names.
        toolchain: fitgraph's version, the compiler's identity and optimisation.
        optimisation: the compiler's flag.
    """

    elf: bytes
    linker_script: str
    sizes: FirmwareSizes
    regions: tuple[RegionUse, ...]
    toolchain: str
    optimisation: str


@dataclass(frozen=True, slots=True, eq=False)
class ClassBuild:
    """Generated code compiled for an ISA class, linked with ample memory and run.

    Attributes:
        generated: what was compiled.
        objects: to link for any board of the class.
        run: what the emulator saw, or None where no emulator has the core.
        emulator: its identity, or an empty string.
    """

    generated: GeneratedCode
    isa_class: str
    objects: Objects
    firmware: Firmware
    run: EmulationResult | None
    emulator: str

    @property
    def stack(self) -> StackBound | UnknownStack:
        """How deep the stack can get, by the code."""
        return stack_bound(self.firmware.elf, self.isa_class)


def compile_for_class(
    generated: GeneratedCode,
    isa_class: str,
    toolchain: Toolchain,
    *,
    harness: Harness = Harness.BARE,
    optimisation: str = DEFAULT_OPTIMISATION,
    line_tables: bool = False,
) -> Objects:
    """Object files of the model, the start-up and the harness.

    Raises:
        ToolchainError: see ``Toolchain.compile``.
    """
    sources = firmware_sources(generated, isa_class, harness)
    return toolchain.compile(sources, isa_class, optimisation=optimisation, line_tables=line_tables)


def build_for_class(
    generated: GeneratedCode,
    isa_class: str,
    toolchain: Toolchain | None = None,
    *,
    optimisation: str = DEFAULT_OPTIMISATION,
) -> ClassBuild:
    """Builds for a board with ample memory and runs one inference to see the stack.

    Args:
        toolchain: None takes ``toolchain_for(isa_class)``.

    Raises:
        ToolchainError: see ``Toolchain``.
        EmulationError: see ``Emulator.run``.
    """
    chosen = toolchain or toolchain_for(isa_class)
    objects = compile_for_class(generated, isa_class, chosen, optimisation=optimisation)
    board = ample_board(isa_class)
    firmware = _link(objects, board, best_attempt(board), _AMPLE_STACK_BYTES, chosen)
    emulator = emulator_for(isa_class)
    run = None
    if emulator is not None:
        inputs = [sample_inputs(generated)]
        run = run_firmware(generated, firmware, board, emulator, inputs, toolchain=chosen)
    identity = emulator.identity if emulator else ""
    return ClassBuild(generated, isa_class, objects, firmware, run, identity)


def footprint_of(build: ClassBuild, model_sha256: str, runtime: str) -> Footprint:
    """What the model needs of any board of the class.

    It is an estimate where no emulator has the core, and where the code does not tell how deep the
    stack can get.
    """
    sizes, stack = build.firmware.sizes, build.stack
    is_shown = build.run is not None and isinstance(stack, StackBound)
    source = f"linked with {build.firmware.toolchain}, "
    source += f"run in {build.emulator}" if build.run else "not run"
    if isinstance(stack, UnknownStack):
        source += f"; stack unbounded: {stack.reason}"
    return Footprint(
        model_sha256=model_sha256,
        runtime=runtime,
        isa_class=build.isa_class,
        toolchain=build.firmware.toolchain,
        arena_bytes=sizes.arena_bytes,
        static_bytes=sizes.static_bytes,
        stack_bytes=_stack_bytes(build, stack),
        flash_bytes=sizes.flash_bytes,
        code_bytes=sizes.code_bytes,
        weights_bytes=sizes.weights_bytes,
        evidence=Evidence.MEASURED if is_shown else Evidence.ESTIMATE,
        source=source,
        arena_parts=build.generated.part_sizes,
        arena_bound_bytes=build.generated.whole_bound_bytes,
    )


def _stack_bytes(build: ClassBuild, stack: StackBound | UnknownStack) -> int:
    """To reserve: by the bound where there is one, else by what was seen and some more."""
    if isinstance(stack, StackBound):
        return stack_need_bytes(stack.thread_bytes, build.isa_class, stack.handler_bytes)
    if build.run is None:
        return stack_need_bytes(_ASSUMED_STACK_BYTES, build.isa_class)
    seen_bytes = build.run.stack_high_water_bytes
    return stack_need_bytes(seen_bytes + _RARE_PATHS_BYTES, build.isa_class)


def link_for_board(
    generated: GeneratedCode,
    board: Board,
    placement: Placement,
    stack_bytes: int,
    toolchain: Toolchain | None = None,
    *,
    objects: Objects | None = None,
) -> Firmware:
    """Firmware in the board's own regions.

    Args:
        placement: regions of ``board``.
        stack_bytes: to reserve, rounded up to 16; a footprint says how many are needed.
        objects: of ``ClassBuild``, to spare compiling again.

    Raises:
        RegionOverflowError: a region is too small; it is named as the board names it.
        ToolchainError: see ``Toolchain``.
    """
    chosen = toolchain or toolchain_for(board.needed_isa_class())
    compiled = objects or compile_for_class(generated, board.needed_isa_class(), chosen)
    return _link(compiled, board, placement, stack_bytes, chosen)


def link_objects(
    objects: Objects,
    board: Board,
    toolchain: Toolchain,
    *,
    line_tables: bool = False,
    placement: Placement | None = None,
) -> Firmware:
    """Firmware to look at: in the largest regions, with 1 KiB of stack.

    Args:
        placement: to link it in, where not in the largest regions.
        line_tables: whether those of the objects are kept.

    Raises:
        RegionOverflowError: a region is too small.
        ToolchainError: see ``Toolchain``.
    """
    place = placement or best_attempt(board)
    return _link(objects, board, place, SMALL_STACK_BYTES, toolchain, line_tables=line_tables)


def _link(
    objects: Objects,
    board: Board,
    placement: Placement,
    stack_bytes: int,
    toolchain: Toolchain,
    *,
    line_tables: bool = False,
) -> Firmware:
    script = linker_script(board, placement, stack_bytes)
    if line_tables:
        script = keeping_line_tables(script)
    roles = regions_by_role(placement)
    try:
        elf = toolchain.link(objects, script)
    except RegionOverflowError as error:
        overflows = {roles[role].name: missing for role, missing in error.overflows.items()}
        raise overflow_error(overflows, board.name) from error
    image = read_firmware(elf)
    return Firmware(
        elf=elf,
        linker_script=script,
        sizes=firmware_sizes(image),
        regions=region_uses(image, roles.values()),
        toolchain=f"fitgraph {version('fitgraph')}, {toolchain.identity} {objects.optimisation}",
        optimisation=objects.optimisation,
    )


def run_firmware(
    generated: GeneratedCode,
    firmware: Firmware,
    board: Board,
    emulator: Emulator,
    inputs: Sequence[Sequence[npt.NDArray[Any]]],
    *,
    toolchain: Toolchain | None = None,
) -> EmulationResult:
    """Runs the firmware; where the emulator wants another harness, one built for its machine.

    Args:
        board: that the firmware was linked for.
        inputs: sets of input arrays, run one after another.

    Raises:
        ToolchainError: see ``Toolchain``.
        EmulationError: see ``Emulator.run``.
    """
    isa_class = board.needed_isa_class()
    if emulator.harness is Harness.BARE:
        run = emulator.run(firmware.elf, board, generated, inputs)
        _require_within_bound(run, firmware.elf, isa_class, has_interrupts=False)
        return run
    chosen = toolchain or toolchain_for(isa_class)
    machine = emulator.reference_board(isa_class)
    objects = compile_for_class(
        generated, isa_class, chosen, harness=emulator.harness, optimisation=firmware.optimisation
    )
    own = _link(objects, machine, best_attempt(machine), _AMPLE_STACK_BYTES, chosen)
    run = emulator.run(own.elf, machine, generated, inputs)
    _require_within_bound(run, own.elf, isa_class, has_interrupts=True)
    return run


def _require_within_bound(
    run: EmulationResult, elf: bytes, isa_class: str, *, has_interrupts: bool
) -> None:
    """Holds the analysis of the code to what the code did.

    Raises:
        ProofError: the stack grew deeper than it can by the analysis.
    """
    bound = stack_bound(elf, isa_class)
    if isinstance(bound, UnknownStack):
        return
    most_bytes = bound.thread_bytes
    if has_interrupts:  # of the clock that the semihosting harness counts with
        most_bytes = stack_need_bytes(most_bytes, isa_class, bound.handler_bytes)
    if run.stack_high_water_bytes > most_bytes:
        raise ProofError(
            f"the stack grew to {run.stack_high_water_bytes:,} bytes, but by its code it cannot "
            f"take more than {most_bytes:,}",
            hint="this is a defect of the compiler; please report it with the model file",
        )
