"""On every built-in board: what the matcher says of memory is what the linker says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.build import ClassBuild, build_for_class
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import Arrays
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher.placement import (
    capacity_bytes,
    flash_candidates,
    ram_candidates,
    round_up,
)
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_boards
from tests.support.hand_written_code import (
    ARENA_BYTES,
    N_INPUTS,
    layer_code,
    layer_inputs,
    sized_code,
)
from tests.support.verdicts import fits_as_the_tools_say

BOARDS = {board.board_id: board for board in builtin_boards() if board.isa_class in TARGETS}
KIB = 1024


@cache
def layer_build(isa_class: str) -> ClassBuild:
    return build_for_class(layer_code(), isa_class)


@cache
def layer_outputs() -> Arrays:
    (outputs,) = run_on_host(layer_code(), layer_inputs(1))
    return outputs


@pytest.mark.many
@pytest.mark.parametrize("board_id", BOARDS)
def test_a_small_model_links_and_runs_in_the_boards_own_regions(board_id: str) -> None:
    board = BOARDS[board_id]
    ((values,),) = layer_inputs(1)
    assert fits_as_the_tools_say(
        layer_code(), layer_build(board.isa_class), board, (values,), layer_outputs()
    )


@st.composite
def models_of_a_boards_size(draw: st.DrawFn) -> tuple[Board, int, int]:
    """A board, and an arena and weights that just fill a RAM and a flash region of it or not."""
    board = BOARDS[draw(st.sampled_from(sorted(BOARDS)))]
    ram_bytes = capacity_bytes(draw(st.sampled_from(ram_candidates(board))))
    flash_bytes = capacity_bytes(draw(st.sampled_from(flash_candidates(board))))
    arena_bytes = ram_bytes - draw(st.integers(-64, 600))
    # Start-up, harness and the model's code take about 500 bytes. Few flashes of megabytes: they
    # are slow to write.
    weights_bytes = min(flash_bytes, 512 * KIB) - draw(st.integers(300, 800))
    return board, max(ARENA_BYTES, round_up(arena_bytes, 16)), max(16, round_up(weights_bytes, 4))


@settings(max_examples=20)
@given(models_of_a_boards_size())
def test_a_model_that_nearly_fills_a_board_fits_exactly_when_it_links(
    sized: tuple[Board, int, int],
) -> None:
    board, arena_bytes, weights_bytes = sized
    code = sized_code(arena_bytes, weights_bytes)
    inputs = (np.full(N_INPUTS, 2, np.int8),)
    # The third weight is 3, and no call is counted.
    expected = (np.array([3, 0, 0, 0, 0, 0, 0, 0], np.int8), np.array(0, np.int32))
    fits_as_the_tools_say(
        code, build_for_class(code, board.needed_isa_class()), board, inputs, expected
    )
