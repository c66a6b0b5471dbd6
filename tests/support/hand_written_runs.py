"""Runs layers written by hand in an emulator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.build import link_for_board
from fitgraph.compiler_bridge.emulators.protocol import EmulationResult
from fitgraph.compiler_bridge.emulators.unicorn_emulator import UnicornEmulator
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.matcher.placement import best_attempt
from fitgraph.registry.board import Board
from tests.support.hand_written_code import (
    N_INPUTS,
    layer_reference,
)

COMMON_CLASSES = ("armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp", "rv32imc")


ZEROS = [[np.zeros(N_INPUTS, np.int8)]]


def elf_for(code: GeneratedCode, ours: Board, stack_bytes: int = 1024) -> bytes:
    toolchain = toolchain_for(ours.needed_isa_class())
    return link_for_board(code, ours, best_attempt(ours), stack_bytes, toolchain).elf


def run(
    code: GeneratedCode,
    ours: Board,
    inputs: Sequence[Sequence[npt.NDArray[Any]]],
    stack_bytes: int = 1024,
    timeout_s: float = 20.0,
) -> EmulationResult:
    elf = elf_for(code, ours, stack_bytes)
    return UnicornEmulator(timeout_s).run(elf, ours, code, inputs)


def check_layer(result: EmulationResult, inputs: Sequence[Sequence[npt.NDArray[Any]]]) -> None:
    for index, ((values,), (output, n_calls)) in enumerate(
        zip(inputs, result.outputs, strict=True)
    ):
        assert output.tolist() == layer_reference(values).tolist()
        # 40 from .data, 2 from the reset function, 1 for each call.
        assert n_calls == 43 + index
