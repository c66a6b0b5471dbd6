"""Comparison of outputs with a reference."""

from __future__ import annotations

import numpy as np
import pytest

from fitgraph.compiler_bridge.compare import compare, require_equal
from fitgraph.compiler_bridge.errors import ProofError


def test_equal_outputs_pass_and_are_counted() -> None:
    outputs = [(np.array([1, 2, 3], np.int8), np.array([0.5], np.float32))] * 2
    comparison = compare(outputs, outputs, exact=True)
    assert (comparison.n_values, comparison.worst_difference) == (8, 0.0)
    require_equal(comparison, "the reference")


def test_one_lsb_in_an_integer_output_fails() -> None:
    got, want = [(np.array([1, 2], np.int8),)], [(np.array([1, 3], np.int8),)]
    comparison = compare(got, want, exact=False)
    assert comparison.worst_difference == 1.0
    with pytest.raises(ProofError, match="by up to 1 over 2 values"):
        require_equal(comparison, "the reference")


def test_floats_may_differ_in_the_last_digits_unless_they_must_be_exact() -> None:
    got, want = [(np.array([1.0000001], np.float32),)], [(np.array([1.0], np.float32),)]
    require_equal(compare(got, want, exact=False), "the reference")
    with pytest.raises(ProofError):
        require_equal(compare(got, want, exact=True), "the reference")


@pytest.mark.parametrize("value", [np.nan, np.inf, 2.0])
def test_a_wrong_float_fails(value: float) -> None:
    got, want = [(np.array([value], np.float32),)], [(np.array([1.0], np.float32),)]
    with pytest.raises(ProofError):
        require_equal(compare(got, want, exact=False), "the reference")


def test_the_same_nan_passes() -> None:
    outputs = [(np.array([np.nan], np.float32),)]
    require_equal(compare(outputs, outputs, exact=True), "the reference")


def test_outputs_of_another_dtype_or_size_fail() -> None:
    want = [(np.array([1, 2], np.int8),)]
    for got in ([(np.array([1], np.int8),)], [(np.array([1, 2], np.uint8),)]):
        with pytest.raises(ProofError):
            require_equal(compare(got, want, exact=True), "the reference")
