"""Real models on the built-in boards: `fits` links and runs, `no` for memory does not link."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.build import build_for_class
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher.placement import capacity_bytes, ram_candidates
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.read_model import read_model
from tests.support.example_models import NAMES as EXAMPLES
from tests.support.reference_models import INT8, reference_path
from tests.support.verdicts import fits_as_the_tools_say

# A minute or two on two cores: a large model takes ten seconds for each class.
pytestmark = pytest.mark.slow

N_PAIRS = 200
SEED = 20260101
SMALL_BYTES = 20 * 1024

BOARDS = [board for board in builtin_boards() if board.isa_class in TARGETS]
MODELS = (*EXAMPLES, *INT8)


def pairs() -> dict[str, list[int]]:
    """For each model the boards that it is held against; the same on every run.

    Half of the pairs are of small boards, where more does not fit.
    """
    draw = random.Random(SEED)
    every = [(model, index) for model in MODELS for index in range(len(BOARDS))]
    small = [(model, index) for model, index in every if sram_bytes(BOARDS[index]) <= SMALL_BYTES]
    of_small = draw.sample(small, N_PAIRS // 2)
    others = [pair for pair in every if pair not in of_small]
    chosen: dict[str, list[int]] = {}
    for model, index in (*of_small, *draw.sample(others, N_PAIRS - len(of_small))):
        chosen.setdefault(model, []).append(index)
    return chosen


def sram_bytes(board: Board) -> int:
    return sum(capacity_bytes(region) for region in ram_candidates(board))


PAIRS = pairs()


def test_the_pairs_are_two_hundred() -> None:
    assert sum(map(len, PAIRS.values())) == N_PAIRS


@pytest.mark.many
@pytest.mark.parametrize("name", PAIRS)
def test_a_verdict_on_memory_holds_in_linker_and_emulator(
    name: str, request: pytest.FixtureRequest
) -> None:
    code = generate(read_model(path_of(name, request)))
    inputs = sample_inputs(code, seed=3)
    (expected,) = run_on_host(code, [inputs])
    verdicts: Counter[bool] = Counter()
    boards = sorted((BOARDS[index] for index in PAIRS[name]), key=Board.needed_isa_class)
    build = None
    for board in boards:
        if build is None or build.isa_class != board.isa_class:
            build = build_for_class(code, board.needed_isa_class())
        verdicts[fits_as_the_tools_say(code, build, board, inputs, expected)] += 1
    assert verdicts.total() == len(PAIRS[name])


def path_of(name: str, request: pytest.FixtureRequest) -> Path:
    if name in EXAMPLES:
        int8_example: Callable[[str], Path] = request.getfixturevalue("int8_example")
        return int8_example(name)
    shared_data: Path = request.getfixturevalue("shared_data")
    return reference_path(shared_data, name)
