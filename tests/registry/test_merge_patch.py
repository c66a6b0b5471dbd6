"""JSON merge patches by RFC 7396, its examples and what holds for all documents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.registry.merge_patch import patch_between, patched

LEAVES = st.booleans() | st.integers(-3, 3) | st.floats(0, 2) | st.sampled_from(["", "a"])
NAMES = st.sampled_from("abc")
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner)
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), DOCUMENTS)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_does_what_the_rfc_says(target: Any, patch: Any, result: Any) -> None:
    assert patched(target, patch) == result


@given(OBJECTS, OBJECTS)
def test_the_patch_between_two_documents_leads_from_one_to_the_other(old: Any, new: Any) -> None:
    """Also between values that Python takes for equal, such as ``1`` and ``true``."""
    assert repr(_sorted(patched(old, patch_between(old, new)))) == repr(_sorted(new))
    assert patch_between(new, new) == {}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
