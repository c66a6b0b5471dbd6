"""The loops for DSP extensions and for cores without long multiplication, on the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.lower.packed_rows import pack_rows
from tests.support.exactness import assert_right, input_sets, subject
from tests.support.host_runs import sanitized_outputs
from tests.support.reference_models import reference_path

DEFINES = ("FG_EMULATE_SIMD", "FG_EMULATE_NARROW")


@pytest.mark.parametrize("define", DEFINES)
@pytest.mark.parametrize("name", ["Hello_World", "Move", "Voice_Turn", "Magic_Wand_2"])
def test_the_loops_of_other_cores_are_right_on_the_host(
    shared_data: Path, name: str, define: str
) -> None:
    """Under the sanitizers, the emulated instructions give the reference's outputs."""
    model = subject(reference_path(shared_data, name))
    files = {
        file: f"#define {define}\n{text}" if file.endswith(".c") else text
        for file, text in model.generated.files.items()
    }
    sets = input_sets(model.graph, n_random=2)
    outputs = sanitized_outputs(replace(model.generated, files=files), sets)
    assert_right(model, outputs, model.expected(sets))


@pytest.mark.parametrize(("n_rows", "n_taps"), [(1, 1), (3, 8), (4, 4), (9, 7), (12, 16)])
def test_packed_rows_hold_each_weight_once(n_rows: int, n_taps: int) -> None:
    """Even rows of a block are unsigned low bytes, odd rows signed high bytes, taps 0 2 1 3."""
    rows = np.random.default_rng(n_taps).integers(-128, 128, (n_rows, n_taps)).astype(np.int8)
    packed = pack_rows(rows)
    n_blocks = -(-n_taps // 4)
    assert packed.size == n_rows * n_blocks * 4
    for row in range(n_rows // 4 * 4):
        for tap in range(n_taps):
            block = (row // 4 * n_blocks + tap // 4) * 16
            place = 8 * (tap % 2) + 4 * (row % 4 // 2) + 2 * (tap % 4 // 2) + row % 2
            byte = int(packed[block + place])
            assert (byte % 256 - 128 if row % 2 == 0 else byte) == rows[row, tap]
