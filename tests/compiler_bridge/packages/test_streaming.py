"""A signal pushed row by row gives, to the bit, what its windows give one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import output_sets
from fitgraph.compiler_bridge.packages.streaming import StreamingError, window_of, with_streaming
from tests.support.exactness import Subject, assert_same_bits, input_sets
from tests.support.packed_models import WARNINGS, content_of, done, unpack
from tests.support.qdq_graphs import Array
from tests.support.tools import require_tool

PUSHER = """\
#include <stdio.h>
#include "model.h"
static model_stream stream;
static model_input_0_type row[MODEL_STREAM_ROW_ELEMENTS];
int main(void)
{
    model_stream_reset(&stream);
    while (fread(row, 1, sizeof row, stdin) == sizeof row) {
        if (model_stream_push(&stream, row)) {
            fwrite(MODEL_OUTPUT_0, 1, MODEL_OUTPUT_0_BYTES, stdout);
        }
    }
    return 0;
}
"""
IN_AN_ARENA = (
    PUSHER.replace("static model_stream", "static long long arena[MODEL_ARENA_BYTES / 8];\n"
                   "static model_stream")
    .replace("reset(&stream)", "reset_in(&stream, arena)")
    .replace("push(&stream, row)", "push_in(&stream, row, arena)")
    .replace("fwrite(MODEL_OUTPUT_0,", "fwrite(MODEL_OUTPUT_0_IN(arena),")
)  # fmt: skip


def signal(model: Subject, axis: int, n_rows: int) -> Array:
    """Rows as the model's inputs have them, one after another along the axis."""
    (index,) = model.graph.inputs
    per_window = model.graph.tensor(index).static_shape[axis]
    sets = input_sets(model.graph, n_random=-(-n_rows // per_window))
    joined = np.concatenate([arrays[0] for arrays in sets], axis=axis)
    return np.take(joined, range(n_rows), axis=axis)


def pushed(model: Subject, rows: Array, axis: int, hop: int, folder: Path, text: str) -> bytes:
    """What the streaming calls give for a signal."""
    generated = with_streaming(model.generated, hop, axis)
    package = unpack("cmake", replace(content_of(model), generated=generated), folder / "package")
    (folder / "push.c").write_text(text)
    sources = sorted((package / "src").glob("*.c"))
    assert len(sources) == 2
    define = [f"-D{generated.prefix.upper()}_CALLER_ARENA=1"] if text is IN_AN_ARENA else []
    flags = ["-std=c99", "-O2", "-ffp-contract=off", *WARNINGS, *define]
    done([require_tool("gcc"), *flags, "-I", package / "include", "push.c", *sources, "-o", "push"],
         folder)  # fmt: skip
    steps = (np.take(rows, [i], axis=axis).tobytes() for i in range(rows.shape[axis]))
    return done([folder / "push"], folder, b"".join(steps))


@pytest.mark.parametrize("text", [PUSHER, IN_AN_ARENA], ids=["own arena", "caller's arena"])
@pytest.mark.parametrize(
    ("name", "axis", "hop"),
    [("digits", 2, 1), ("digits", 2, 3), ("digits", 3, 2), ("digits", 2, 8), ("wake_word", 1, 3),
     ("anomaly", 1, 50)],
)  # fmt: skip
def test_rows_give_what_windows_give(
    name: str, axis: int, hop: int, text: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Along an axis with others before it, too; a state is kept from one window to the next."""
    model: Subject = request.getfixturevalue(name)
    (index,) = model.graph.inputs
    length = model.graph.tensor(index).static_shape[axis]
    rows = signal(model, axis, 3 * length + 1)
    starts = range(0, rows.shape[axis] - length + 1, hop)
    windows = [[np.take(rows, range(start, start + length), axis=axis)] for start in starts]
    stream = pushed(model, rows, axis, hop, tmp_path, text)
    got = output_sets(model.generated, stream, len(windows))
    assert_same_bits(got, run_on_host(model.generated, windows), f"{name}, hop {hop}")


def test_the_axis_is_the_first_with_steps() -> None:
    assert window_of("m", [(1, 1, 49, 10)], 1, None).axis == 2
    assert window_of("m", [(16000,)], 160, None).rows == 16000


@pytest.mark.parametrize(
    ("shapes", "hop", "axis", "words"),
    [
        ([(1, 8), (1, 8)], 1, None, "has 2 inputs"),
        ([(1, 8)], 0, None, "a hop of 0 rows"),
        ([(1, 8)], 9, None, "a hop of 9 rows"),
        ([(1, 8)], 1, 0, "no steps along axis 0"),
        ([(1, 8)], 1, 2, "no steps along axis 2"),
        ([(1, 8)], 1, -1, "no steps along axis -1"),
        ([(1, 1)], 1, None, "no steps along axis 0"),
        ([()], 1, None, "no steps along axis 0"),
    ],
)
def test_what_cannot_be_streamed_is_refused(
    shapes: list[tuple[int, ...]], hop: int, axis: int | None, words: str
) -> None:
    with pytest.raises(StreamingError, match=words):
        window_of("m", shapes, hop, axis)
