"""Instructions of one inference by step, counted in QEMU: for cores that unicorn lacks.

The model's code is the same as in the firmware that is profiled; it is linked with another harness,
to the memory of QEMU's machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fitgraph.compiler_bridge.build import compile_for_class, link_objects
from fitgraph.compiler_bridge.elf import FirmwareImage, read_firmware
from fitgraph.compiler_bridge.emulators.cores import thumb_instruction_bytes
from fitgraph.compiler_bridge.emulators.qemu_blocks import BlockRun
from fitgraph.compiler_bridge.emulators.qemu_emulator import QemuEmulator
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.profiling.line_map import LineMap, line_map
from fitgraph.compiler_bridge.profiling.step_counts import StepCounts
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for


def count_steps_in_qemu(
    generated: GeneratedCode, isa_class: str, inputs: Sequence[Array]
) -> StepCounts:
    """Runs one inference.

    Raises:
        EmulationError: QEMU is not installed, or takes no plugins; or see ``Emulator.run``.
        ToolchainError: see ``Toolchain``.
    """
    qemu, toolchain = QemuEmulator(), toolchain_for(isa_class)
    machine = qemu.reference_board(isa_class)
    objects = compile_for_class(
        generated, isa_class, toolchain, harness=qemu.harness, line_tables=True
    )
    elf = link_objects(objects, machine, toolchain, line_tables=True).elf
    _, runs = qemu.run_blocks(elf, machine, generated, [inputs])
    if not runs:
        raise EmulationError(
            f"steps of {isa_class} code cannot be told apart: {qemu.identity} takes no plugins",
            hint="install a QEMU with plugins, or profile a class without Helium",
        )
    return _counts(runs, read_firmware(elf), line_map(elf, generated))


def _counts(runs: Sequence[BlockRun], image: FirmwareImage, lines: LineMap) -> StepCounts:
    by_step: Counter[int | None] = Counter()
    by_function: Counter[str] = Counter()
    callers: dict[str, set[int]] = {}
    for run in runs:
        if lines.holds(run.address):
            for address in _instructions(image, run):
                by_step[lines.step_at(address)] += run.times
            continue
        step, name = lines.step_at(run.call), image.nearest_function(run.address)
        by_step[step] += run.instructions
        by_function[name] += run.instructions
        callers.setdefault(name, set()).update(() if step is None else (step,))
    functions = {name: (count, tuple(sorted(callers[name]))) for name, count in by_function.items()}
    return StepCounts(dict(by_step), functions)


def _instructions(image: FirmwareImage, run: BlockRun) -> list[int]:
    """Addresses of a block's instructions."""
    found, address = [], run.address
    for _ in range(run.n_instructions):
        found.append(address)
        address += thumb_instruction_bytes(int.from_bytes(image.code_at(address, 2), "little"))
    return found
