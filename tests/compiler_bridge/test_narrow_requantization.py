"""The short requantization against its definition in 64 bits, over its whole domain."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.kernel_sources import kernel_sources
from tests.support.tools import require_tool

# Sum of products, bias, multiplier, shift as TensorFlow Lite has it, zero point.
Case = tuple[int, int, int, int, int]
Requantize = Callable[[Sequence[Case]], list[int]]

LARGEST_SUM, LARGEST_BIAS = 2**28, 2**28 - 1
SMALLEST_MULTIPLIER, LARGEST_MULTIPLIER = 2**30, 2**31 - 1

_HARNESS = """
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#define FG_KEEP_ROLLED
#define FG_NOINLINE
#define FG_MAY_BE_UNUSED
{kernels}
int main(void) {{
  int32_t c[5];
  while (fread(c, sizeof c, 1, stdin) == 1) {{
    const fg_channel channel = {{2 * c[1], c[2], -1 - c[3]}};
    const fg_range range = {{2 * c[4] + 1}};
    const int8_t y = fg_output(&channel, &range, c[0]);
    fwrite(&y, 1, 1, stdout);
  }}
  return 0;
}}
"""


@pytest.fixture(scope="module", params=["", "FG_EMULATE_NARROW"])
def requantize(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Requantize:
    """The C code, built with sanitizers: with long multiplication, and without as on Armv6-M."""
    folder = tmp_path_factory.mktemp("narrow")
    source, binary = folder / "harness.c", folder / "harness"
    kernels = kernel_sources(["fully_connected_s8"], "fixed_narrow")
    define = f"#define {request.param}\n" if request.param else ""
    source.write_text(define + _HARNESS.format(kernels=kernels))
    gcc = str(require_tool("gcc"))
    sanitize = ("-fsanitize=undefined", "-fno-sanitize-recover=all")
    subprocess.run([gcc, "-O1", *sanitize, "-o", binary, source], check=True)

    def run(cases: Sequence[Case]) -> list[int]:
        stdin = np.array(cases, np.int32).tobytes()
        done = subprocess.run([binary], input=stdin, capture_output=True, check=False)
        assert not done.stderr.decode()
        return [int(y) for y in np.frombuffer(done.stdout, np.int8)]

    return run


def exact(case: Case) -> int:
    """TensorFlow Lite's ``MultiplyByQuantizedMultiplier`` with a shift to the right, clamped."""
    products, bias, multiplier, shift, zero_point = case
    high = ((products + bias) * multiplier + 2**30) >> 31
    divisor = 1 << -shift
    quotient, rest = divmod(abs(high), divisor)
    rounded = quotient + (2 * rest >= divisor)  # halves away from zero
    return max(-128, min(127, (rounded if high >= 0 else -rounded) + zero_point))


def around(*values: int) -> list[int]:
    return [value + step for value in values for step in (-1, 0, 1)]


def test_every_corner_of_the_domain_is_exact(requantize: Requantize) -> None:
    """Largest sums with largest and smallest scales, sums at which halves occur, every shift."""
    powers = [sign * 2**i for sign in (-1, 1) for i in (0, 7, 14, 15, 16, 20, 27)]
    sums = [-LARGEST_SUM, LARGEST_SUM, *around(*powers, 0)]
    biases = (-LARGEST_BIAS, 0, LARGEST_BIAS)
    multipliers = (
        *(SMALLEST_MULTIPLIER, SMALLEST_MULTIPLIER + 1, 3 * 2**29, 2**31 - 2**16),
        *(2**31 - 2**15, LARGEST_MULTIPLIER - 1, LARGEST_MULTIPLIER),
    )
    cases = list(itertools.product(sums, biases, multipliers, range(-31, 0), (-128, 0, 127)))
    assert requantize(cases) == [exact(case) for case in cases]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cases=st.lists(
        st.tuples(
            st.integers(-LARGEST_SUM, LARGEST_SUM),
            st.integers(-LARGEST_BIAS, LARGEST_BIAS),
            st.integers(SMALLEST_MULTIPLIER, LARGEST_MULTIPLIER),
            st.integers(-31, -1),
            st.integers(-128, 127),
        ),
        min_size=1,
        max_size=200,
    )
)
def test_any_sum_and_scale_is_exact(requantize: Requantize, cases: list[Case]) -> None:
    assert requantize(cases) == [exact(case) for case in cases]
