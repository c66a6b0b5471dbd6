"""Small models written by hand, as the C generator would hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.compiler_bridge.generated import GeneratedCode, IoTensor
from fitgraph.registry.model_graph import DType

N_INPUTS = 256
N_OUTPUTS = 8
ARENA_BYTES = 512
OUTPUT_OFFSET = 256
COUNT_OFFSET = 272

HEADER = f"""\
#ifndef HAND_H
#define HAND_H
#include <stdint.h>
extern uint8_t hand_arena[{ARENA_BYTES}];
void hand_invoke(void);
void hand_reset(void);
#endif
"""

PREAMBLE = f"""\
#include <string.h>
#include "hand.h"
#define WEIGHTS __attribute__((section(".rodata.fitgraph_weights")))
#define ARENA __attribute__((aligned(16), section(".bss.fitgraph_arena")))
ARENA uint8_t hand_arena[{ARENA_BYTES}];
"""

# A layer of multiply-accumulates, requantized once in float32 and once in 64-bit integers.
LAYER = f"""\
{PREAMBLE}
WEIGHTS static const int8_t weights[{N_OUTPUTS}][{N_INPUTS}] = {{@WEIGHTS@}};
static int32_t n_calls = 40; /* .data */
static volatile int32_t last_sum; /* .bss */

static int8_t saturate(int64_t value) {{
  return (int8_t)((value > 127) ? 127 : (value < -128) ? -128 : value);
}}

void hand_reset(void) {{
  n_calls += 2;
}}

void hand_invoke(void) {{
  const int8_t *input = (const int8_t *)(void *)hand_arena;
  int8_t output[{N_OUTPUTS}];
  for (int32_t row = 0; row < {N_OUTPUTS}; row++) {{
    int32_t sum = 0;
    for (int32_t i = 0; i < {N_INPUTS}; i++) {{
      sum += (int32_t)input[i] * (int32_t)weights[row][i];
    }}
    const float scaled = (float)sum * 0.0078125f;
    const int64_t exact = ((int64_t)sum * 1518500250) / 1000000007;
    output[row] = saturate((int64_t)(int32_t)scaled + (exact % 3));
    last_sum = sum;
  }}
  n_calls++;
  (void)memcpy(hand_arena + {OUTPUT_OFFSET}, output, sizeof output);
  (void)memcpy(hand_arena + {COUNT_OFFSET}, &n_calls, sizeof n_calls);
}}
"""


def layer_weights() -> npt.NDArray[np.int8]:
    """The weights of ``layer_code``, shape (N_OUTPUTS, N_INPUTS)."""
    random = np.random.default_rng(7)
    return random.integers(-128, 128, (N_OUTPUTS, N_INPUTS)).astype(np.int8)


def layer_code(extra_source: str = "") -> GeneratedCode:
    """The layer; outputs are its values and how often it was called, from 43 on."""
    rows = ", ".join(
        "{" + ", ".join(str(weight) for weight in row) + "}" for row in layer_weights()
    )
    source = LAYER.replace("@WEIGHTS@", rows)
    return _code({"hand.c": source + extra_source}, is_stateful=True)


def layer_reference(values: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """What the layer computes, in numpy."""
    sums = layer_weights().astype(np.int64) @ values.astype(np.int64)
    scaled = np.trunc(sums.astype(np.float32) * np.float32(0.0078125)).astype(np.int64)
    exact = np.array([_truncated_quotient(int(s) * 1518500250, 1000000007) for s in sums])
    remainder = np.fmod(exact, 3)
    return np.asarray(np.clip(scaled + remainder, -128, 127), dtype=np.int8)


def misbehaving_code(statement: str, declarations: str = "") -> GeneratedCode:
    """A model whose invocation runs one C statement."""
    source = f"""\
{PREAMBLE}
WEIGHTS static const int32_t table[4] = {{1, 2, 3, 4}};
{declarations}
void hand_reset(void) {{}}
void hand_invoke(void) {{
  volatile int32_t *const arena = (volatile int32_t *)(void *)hand_arena;
  arena[{OUTPUT_OFFSET // 4}] = table[arena[0] & 3];
  {statement}
}}
"""
    return _code({"hand.c": source}, is_stateful=True)


def layer_inputs(n_sets: int, seed: int = 1) -> Sequence[Sequence[npt.NDArray[Any]]]:
    """Sets of inputs for the layer."""
    random = np.random.default_rng(seed)
    return [[random.integers(-128, 128, N_INPUTS).astype(np.int8)] for _ in range(n_sets)]


def sized_code(arena_bytes: int, weights_bytes: int) -> GeneratedCode:
    """A model that does little, with an arena and weights of any size.

    Args:
        arena_bytes: a multiple of 16, at least ``ARENA_BYTES``.
        weights_bytes: a multiple of 4, at least 16.
    """
    small = misbehaving_code("arena[1] = 1;").files["hand.c"]
    source = small.replace(
        "table[4] = {1, 2, 3, 4}", f"table[{weights_bytes // 4}] = {{1, 2, 3, 4}}"
    )
    files = {
        "hand.h": HEADER.replace(f"[{ARENA_BYTES}]", f"[{arena_bytes}]"),
        "hand.c": source.replace(f"hand_arena[{ARENA_BYTES}]", f"hand_arena[{arena_bytes}]"),
    }
    return replace(_code(files, is_stateful=True), files=files, arena_bytes=arena_bytes)


def _code(sources: dict[str, str], *, is_stateful: bool) -> GeneratedCode:
    return GeneratedCode(
        prefix="hand",
        files={"hand.h": HEADER, **sources},
        arena_bytes=ARENA_BYTES,
        lower_bound_bytes=N_INPUTS + N_OUTPUTS,
        inputs=(IoTensor("x", (N_INPUTS,), DType.INT8, 0, N_INPUTS),),
        outputs=(
            IoTensor("y", (N_OUTPUTS,), DType.INT8, OUTPUT_OFFSET, N_OUTPUTS),
            IoTensor("n_calls", (), DType.INT32, COUNT_OFFSET, 4),
        ),
        is_stateful=is_stateful,
    )


def _truncated_quotient(numerator: int, denominator: int) -> int:
    """Integer division that rounds toward zero, as C's does."""
    quotient = abs(numerator) // denominator
    return quotient if numerator >= 0 else -quotient
