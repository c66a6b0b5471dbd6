"""Generated code on emulated cores, without counting anything, which takes most of the time."""

from __future__ import annotations

from fitgraph.compiler_bridge.build import compile_for_class, link_for_board, run_firmware
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.cores import CORES
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.emulators.unicorn_session import UnicornSession
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import Arrays, input_bytes, output_arrays
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.matcher.placement import best_attempt
from tests.support.exactness import Sets

STACK_BYTES = 16 * 1024
# For one inference; the largest network here takes two seconds on an idle machine.
TIMEOUT_S = 300.0


def emulated_outputs(generated: GeneratedCode, isa_class: str, sets: Sets) -> tuple[Arrays, ...]:
    """Outputs of the code compiled by zig for the class, from one inference to the next."""
    toolchain, board = ZigToolchain(), ample_board(isa_class)
    objects = compile_for_class(generated, isa_class, toolchain)
    firmware = link_for_board(
        generated, board, best_attempt(board), STACK_BYTES, toolchain, objects=objects
    )
    if isa_class not in CORES:
        emulator = emulator_for(isa_class)
        assert emulator is not None
        run = run_firmware(generated, firmware, board, emulator, sets, toolchain=toolchain)
        return run.outputs
    session = UnicornSession(CORES[isa_class], firmware.elf, board, generated, TIMEOUT_S)
    return tuple(
        output_arrays(generated, session.infer(input_bytes(generated, arrays))) for arrays in sets
    )
