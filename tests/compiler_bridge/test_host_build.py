"""Generated code on the host: right outputs, and crashes told in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.host_build import build_on_host, run_on_host
from fitgraph.compiler_bridge.io_bytes import InputMismatchError, sample_inputs
from tests.support.hand_written_code import (
    N_INPUTS,
    layer_code,
    layer_inputs,
    layer_reference,
    misbehaving_code,
)
from tests.support.tools import require_tool

ZEROS = [[np.zeros(N_INPUTS, np.int8)]]


def test_the_host_computes_what_the_reference_computes_in_one_process(tmp_path: Path) -> None:
    inputs = layer_inputs(5)
    outputs = build_on_host(layer_code(), tmp_path).run(inputs)
    for index, ((values,), (output, n_calls)) in enumerate(zip(inputs, outputs, strict=True)):
        assert output.tolist() == layer_reference(values).tolist()
        assert n_calls == 43 + index


def test_zig_is_the_compiler_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    inputs = layer_inputs(1)
    ((output, _),) = run_on_host(layer_code(), inputs)
    assert output.tolist() == layer_reference(inputs[0][0]).tolist()


def test_sanitizers_pass_code_that_behaves() -> None:
    gcc = require_tool("gcc")
    inputs = layer_inputs(1)
    sanitize = ("address", "undefined")
    ((output, _),) = run_on_host(layer_code(), inputs, sanitize=sanitize, compiler=str(gcc))
    assert output.tolist() == layer_reference(inputs[0][0]).tolist()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("hand_arena[arena[0] + 512] = 1;", "global-buffer-overflow|out of bounds"),
        ("arena[1] = INT32_MAX + arena[0] + 1;", "signed integer overflow"),
        ("arena[1] = 1 << (arena[0] + 32);", "shift exponent 32"),
    ],
)
def test_sanitizers_tell_of_code_that_does_not(statement: str, message: str) -> None:
    require_tool("gcc")
    code = misbehaving_code(statement)
    with pytest.raises(ToolchainError, match=message):
        run_on_host(code, ZEROS, sanitize=("address", "undefined"), compiler="gcc")


def test_a_crash_is_told_with_its_exit_code() -> None:
    with pytest.raises(ToolchainError, match="ended with exit code -"):
        run_on_host(misbehaving_code("*(volatile int32_t *)16 = 1;"), ZEROS)


def test_an_endless_loop_is_ended(tmp_path: Path) -> None:
    program = build_on_host(misbehaving_code("while (arena[0] == 0) {}"), tmp_path)
    with pytest.raises(ToolchainError, match=r"did not finish within 0\.5 s"):
        program.run(ZEROS, timeout_s=0.5)


def test_a_compiler_error_is_told() -> None:
    with pytest.raises(ToolchainError, match=r"hand\.c:\d+:\d+: error: .*nonsense"):
        run_on_host(misbehaving_code("nonsense = 1;"), ZEROS)


def test_sanitizers_without_a_compiler_for_them_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(ToolchainError, match="cc, gcc, clang") as caught:
        run_on_host(layer_code(), ZEROS, sanitize=("address",))
    assert "zig lacks the sanitizers" in caught.value.hint
    with pytest.raises(ToolchainError, match="no-such-cc"):
        run_on_host(layer_code(), ZEROS, compiler="no-such-cc")


def test_no_input_gives_no_output() -> None:
    assert run_on_host(layer_code(), []) == ()


def test_inputs_of_another_type_are_refused() -> None:
    with pytest.raises(InputMismatchError, match="wants int8 of shape"):
        run_on_host(layer_code(), [[np.zeros(N_INPUTS, np.float32)]])


def test_sample_inputs_fit_and_repeat() -> None:
    (first,), (again,) = sample_inputs(layer_code(), 3), sample_inputs(layer_code(), 3)
    assert first.dtype == np.int8
    assert first.min() < -100
    assert first.max() > 100
    assert first.tolist() == again.tolist()
    assert sample_inputs(layer_code(), 4)[0].tolist() != first.tolist()
