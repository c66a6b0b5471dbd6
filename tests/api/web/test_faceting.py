"""Lists by facets: choices within one widen, several narrow, counts tell what a click gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from fitgraph.api.web.faceting import Column, Facet, bucket, in_order, indexed, natural, select


@dataclass(frozen=True)
class Part:
    name: str
    vendor: str
    radios: tuple[str, ...]
    size: int | None = None


FACETS = (
    Facet("vendor", "Vendor", lambda one: (one.vendor,)),
    Facet("radio", "Radio", lambda one: one.radios),
)
parts = st.lists(
    st.builds(
        Part,
        st.sampled_from(["a", "b-1", "b-2", "c"]),
        st.sampled_from(["X", "Y", "Z"]),
        st.lists(st.sampled_from(["wifi", "nfc"]), max_size=2, unique=True).map(tuple),
        st.none() | st.integers(0, 9),
    ),
    max_size=12,
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "vendor": st.frozensets(st.sampled_from(["X", "Y", "Z"]), min_size=1),
        "radio": st.frozensets(st.sampled_from(["wifi", "nfc"]), min_size=1),
    },
)


@given(parts, choices, st.sampled_from(["", "b", "b 1", "B-2"]))
def test_what_is_chosen_has_a_value_of_each_facet_and_all_words(
    records: list[Part], chosen: dict[str, frozenset[str]], words: str
) -> None:
    """And a count is what one gets who chooses that value alone in its facet."""
    known = indexed(records, FACETS, lambda one: one.name)

    def by_hand(wanted: dict[str, frozenset[str]]) -> tuple[Part, ...]:
        return tuple(
            one
            for one in records
            if all(word in one.name for word in words.lower().split())
            and all(
                wanted[facet.name] & set(facet.values(one))
                for facet in FACETS
                if facet.name in wanted
            )
        )

    found = select(known, words, chosen)
    assert found.records == by_hand(chosen)
    for facet in FACETS:
        counts = Counter(
            {
                value: len(by_hand({**chosen, facet.name: frozenset({value})}))
                for value in ("X", "Y", "Z", "wifi", "nfc")
            }
        )
        assert found.counts[facet.name] == +counts


@given(parts)
def test_what_has_no_value_comes_last_either_way(records: list[Part]) -> None:
    column = Column("size", "Size", lambda one: one.size)
    known = indexed(records, FACETS, lambda one: one.name)
    up = in_order(known, column, is_downwards=False)
    down = in_order(known, column, is_downwards=True)
    sizes = sorted(one.size for one in records if one.size is not None)
    nothing = [None] * (len(records) - len(sizes))
    assert [one.size for one in up.records] == [*sizes, *nothing]
    assert [one.size for one in down.records] == [*reversed(sizes), *nothing]
    for other in (up, down):
        assert other == indexed(other.records, FACETS, lambda one: one.name)


def test_numbers_in_names_are_counted_by() -> None:
    assert sorted(["cnn-10", "CNN-2", "cnn", "10", "2x"], key=natural) == [
        "2x", "10", "cnn", "CNN-2", "cnn-10",
    ]  # fmt: skip


def test_a_bucket_begins_where_the_one_before_it_ends() -> None:
    bounds = ((8, "small"), (32, "medium"), (1 << 62, "large"))
    found = [bucket(value, bounds) for value in (0, 7, 8, 31, 32, 10**6, None)]
    assert found == [("small",), ("small",), ("medium",), ("medium",), ("large",), ("large",), ()]
