"""The C kernels: read from their files, joined in the order that their includes ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

_INCLUDE = re.compile(r'^#include "([^"]+)"\n', re.MULTILINE)
# Headers of which each flavour of programs has its own: `requantize.h` is `requantize_fixed.h`.
_OF_FLAVOUR = frozenset({"requantize.h", "output.h"})
_ROWS = "rows.h"
_SUFFIX = {"fixed": "fixed", "fixed_narrow": "narrow", "float": "float"}


@cache
def _text(name: str) -> str:
    return resources.files("fitgraph.compiler_bridge").joinpath("kernels", name).read_text("utf-8")


def kernel_sources(
    kernels: Iterable[str], flavour: str, bits: frozenset[int] = frozenset({8})
) -> str:
    """Text of the kernels and all they include, each file once, dependencies first.

    Args:
        kernels: names without suffix, as in ``Step.kernel``.
        flavour: which ``requantize.h`` and ``output.h`` it takes, see ``Program.flavour``.
        bits: that the weights of rows have: 8, 4 and 2.
    """
    done: dict[str, str] = {}

    def visit(name: str) -> None:
        real = name.replace(".h", f"_{_SUFFIX[flavour]}.h") if name in _OF_FLAVOUR else name
        real = _rows_header(bits) if name == _ROWS else real
        if real in done:
            return
        text = _text(real)
        for included in _INCLUDE.findall(text):
            visit(included)
        done[real] = _INCLUDE.sub("", text).strip("\n")

    for kernel in sorted(set(kernels)):
        visit(f"{kernel}.c")
    low = sum(bits - {8})
    start = [f"#define FG_LOW_BITS {low}"] if low else []
    return "\n\n".join([*start, *done.values()]) + "\n"


def _rows_header(bits: frozenset[int]) -> str:
    if not bits - {8}:
        return "rows_plain.h"
    return "rows_mixed.h" if 8 in bits else "rows_only_low.h"
