"""Holds a footprint against the linker and the emulator on one board."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fitgraph.compiler_bridge.build import ClassBuild, footprint_of, link_for_board
from fitgraph.compiler_bridge.emulators.cores import CORES
from fitgraph.compiler_bridge.emulators.unicorn_session import UnicornSession
from fitgraph.compiler_bridge.errors import DoesNotLinkError
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import Arrays, input_bytes, output_arrays
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME, fitgraph_c_runtime
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher.decide import decide
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.placement import (
    best_attempt,
    flash_region,
    may_spread,
    place,
    spread_bytes,
)
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence

RUN_TIMEOUT_S = 300

# Nothing but what the build showed: no operators, no lower bounds.
MODEL = ModelNeeds("model", "0" * 64)


def fits_as_the_tools_say(
    code: GeneratedCode, build: ClassBuild, board: Board, inputs: Arrays, expected: Arrays
) -> bool:
    """Whether the verdict is `fits`, having seen that linker and emulator agree.

    What fits must link, run within the regions and within its stack, and give the expected
    outputs (where unicorn has the core); what does not must fail to link for want of room.
    """
    footprint = footprint_of(build, MODEL.sha256, RUNTIME_NAME)
    placement = place(footprint, board)
    verdict = decide(MODEL, board, fitgraph_c_runtime(TARGETS), [footprint]).verdict
    if footprint.evidence is Evidence.MEASURED:
        is_open = may_spread(spread_bytes(footprint), board)
        short = Verdict.UNKNOWN if is_open else Verdict.NO
        assert verdict is (short if placement is None else Verdict.FITS) or (
            verdict is Verdict.NO and flash_region(footprint.flash_bytes, board) is None
        )
    else:
        assert verdict is not Verdict.FITS
    attempt = placement or best_attempt(board)
    if placement is None:
        with pytest.raises(DoesNotLinkError):
            link_for_board(code, board, attempt, footprint.stack_bytes, objects=build.objects)
        return False
    firmware = link_for_board(code, board, attempt, footprint.stack_bytes, objects=build.objects)
    assert all(use.free_bytes >= 0 for use in firmware.regions)
    if board.isa_class in CORES:
        outputs = _run(firmware.elf, board, code, input_bytes(code, inputs))
        for ours, theirs in zip(outputs, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    return True


def _run(elf: bytes, board: Board, code: GeneratedCode, contents: Sequence[bytes]) -> Arrays:
    session = UnicornSession(CORES[board.needed_isa_class()], elf, board, code, RUN_TIMEOUT_S)
    outputs = session.infer(contents)
    stack_pointer = session.machine.reg_read(CORES[board.needed_isa_class()].sp)
    session.stack_high_water_bytes(stack_pointer)  # raises if it exceeds the reserve
    return output_arrays(code, outputs)
