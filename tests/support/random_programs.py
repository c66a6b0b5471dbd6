"""Programs whose kernels do not matter, for planners of memory."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from fitgraph.compiler_bridge.program import Program, ProgramIo, Step, Value
from fitgraph.registry.model_graph import ITEM_BYTES, DType


@st.composite
def programs(
    draw: st.DrawFn,
    most_values: int = 12,
    most_bytes: int = 500,
    *,
    overlays: bool = True,
    dtypes: Sequence[DType] = (DType.INT8,),
) -> Program:
    """Random graphs: each step reads up to three earlier values."""
    n = draw(st.integers(2, most_values))
    sizes = draw(st.lists(st.integers(1, most_bytes), min_size=n, max_size=n))
    values = tuple(
        Value(f"v{i}", (-(-size // ITEM_BYTES[dtype]),), dtype)
        for i, size in enumerate(sizes)
        for dtype in [draw(st.sampled_from(dtypes))]
    )
    steps = []
    for i in range(1, n):
        inputs = draw(st.lists(st.integers(0, i - 1), min_size=1, max_size=3, unique=True))
        clearance = draw(st.none() | st.integers(0, most_bytes)) if overlays else None
        steps.append(Step("x", {}, tuple(inputs), (i,), f"step {i}", clearance))
    first = ProgramIo("in", 0, values[0].shape, DType.INT8)
    last = ProgramIo("out", n - 1, values[-1].shape, DType.INT8)
    return Program("random", "0" * 64, "fixed", values, tuple(steps), (first,), (last,))
