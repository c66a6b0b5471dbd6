"""The host package: `make`, then bytes in and bytes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.host_check import check_on_host, checked_content
from fitgraph.compiler_bridge.io_bytes import InputMismatchError
from tests.support.exactness import Subject
from tests.support.packed_models import (
    WARNINGS,
    assert_computes_what_the_reference_does,
    content_of,
    done,
    unpack,
)
from tests.support.tools import require_tool


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_make_builds_a_program_that_computes_what_the_reference_does(
    compiler: str, wake_word: Subject, tmp_path: Path
) -> None:
    folder = unpack("host", content_of(wake_word), tmp_path / "host")
    flags = f"CFLAGS=-O2 {' '.join(WARNINGS)}"
    done([require_tool("make"), f"CC={require_tool(compiler)}", flags], folder)
    assert_computes_what_the_reference_does(folder / "run", wake_word)
    lines = done([folder / "example"], folder).decode().splitlines()
    assert len(lines) == sum(out.n_bytes for out in wake_word.generated.outputs)
    done([require_tool("make"), "clean"], folder)
    assert not (folder / "run").exists()


def test_what_ran_here_is_said_in_the_package(digits: Subject, tmp_path: Path) -> None:
    check = check_on_host(digits.graph, digits.content)
    assert (check.comparison.n_values, check.comparison.worst_difference) == (160, 0)
    folder = unpack("host", checked_content(check, digits.graph), tmp_path / "host")
    assert "16 sets of random inputs: worst difference 0" in " ".join(
        (folder / "README.md").read_text().split()
    )


def test_inputs_of_another_shape_are_refused(anomaly: Subject) -> None:
    with pytest.raises(InputMismatchError):
        check_on_host(anomaly.graph, anomaly.content, [[np.zeros((1, 3), np.float32)]])
