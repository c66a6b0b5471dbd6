"""CMSIS-NN: a stand-in that is always there, and Arm's own where the machine has it.

The stand-in has the functions that generated code calls, with the names and arguments that Arm
documents, computed by the shortest loops.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.cmsis_nn.checkout import Checkout, read_checkout

STAND_IN = Path(__file__).parent / "stand_in_cmsis_nn"
VARIABLE = "FITGRAPH_CMSIS_NN"


def checkout(name: str) -> Checkout:
    """The stand-in, or Arm's own; without that the test is skipped."""
    if name == "stand-in":
        return read_checkout(STAND_IN)
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"no package registry has CMSIS-NN; {VARIABLE} names a checkout")
    return read_checkout(Path(folder))
