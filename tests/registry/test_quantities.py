"""Sizes, addresses and counts as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.registry.quantities import parse_address, parse_count, parse_size

QUANTITY = re.compile(r"[0-9a-fA-FxX_KMiB -]+")


def _refusal(parse: Callable[[str], int], text: str) -> str:
    """Why the text is refused; empty when it is not."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return ""


@given(
    number=st.integers(min_value=0, max_value=1 << 40),
    unit=st.sampled_from(["", "K", "KB", "KiB", " KiB", "M", "MB", " MiB"]),
    form=st.sampled_from(["d", "_d", "#x"]),
)
def test_a_size_is_its_number_times_its_unit(number: int, unit: str, form: str) -> None:
    factor = {"": 1, "K": 1 << 10, "M": 1 << 20}[unit.strip()[:1]]
    text = f"{number:{form}}{unit}"
    assert parse_size(text) == number * factor
    assert parse_size(f"-{text}") == -number * factor


@given(address=st.integers(min_value=0, max_value=1 << 40))
def test_an_address_reads_back_from_every_hexadecimal_form(address: int) -> None:
    for text in (hex(address), f"0x{address:08X}", f"0X{address:x}", f"0x{address:_x}"):
        assert parse_address(text) == address


@given(count=st.integers())
def test_a_count_reads_back_with_and_without_underscores(count: int) -> None:
    assert parse_count(str(count)) == parse_count(f"{count:_}") == count


@given(text=st.text(max_size=12))
def test_a_text_that_is_no_quantity_is_refused_with_a_value_error(text: str) -> None:
    for parse in (parse_size, parse_address, parse_count):
        refusal = _refusal(parse, text)
        assert f"'{text}'" in refusal if refusal else QUANTITY.fullmatch(text)


@pytest.mark.parametrize("text", ["", "010", "1.5M", "256k", "1G", "1_", "_1", "0x", "K", "1 000"])
def test_a_size_of_an_unclear_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)
