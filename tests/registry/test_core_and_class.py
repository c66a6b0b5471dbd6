"""A core of one ISA class that is said to be of another is refused at the door."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fitgraph.registry.board_checks import check_board
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.errors import InvalidBoardError
from fitgraph.registry.isa import classes_of
from tests.support.made_up_boards import KIB, board, flash, sram


@pytest.mark.parametrize(
    ("core", "isa_class"),
    [("Cortex-M0", "armv7e-m+fp"), ("Cortex-M3", "armv7e-m"), ("RV32IMC", "armv6-m")],
)
def test_a_core_of_another_class_is_refused(core: str, isa_class: str) -> None:
    one = replace(board(isa_class, flash(64 * KIB), sram(16 * KIB)), cpu_core=core)
    with pytest.raises(InvalidBoardError, match=f"a {core} is not of the ISA class") as caught:
        check_board(one)
    assert min(classes_of(core)) in caught.value.hint


def test_what_a_name_does_not_tell_is_taken() -> None:
    assert classes_of("Hexagon") == frozenset()
    for one in builtin_boards():
        possible = classes_of(one.cpu_core)
        assert not possible or one.isa_class is None or one.isa_class in possible
