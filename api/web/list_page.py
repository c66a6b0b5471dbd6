"""The page of a list of resources: words, facets, order and page stand in its address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.state import server_of
from fitgraph.api.web.catalogues import CATALOGUES, Catalogue
from fitgraph.api.web.faceting import Column, Facet, Indexed, in_order, indexed, select
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.registry.catalogue import Registry

router = page_router()

ROWS: Final = 50
#: Values of a facet that are shown at once; what is chosen is always shown.
_VALUES: Final = 60
_MOST_WORDS: Final = 200
_MOST_PAGES: Final = 10**6


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words, and whether it is what the page shows already."""

    text: str
    address: str
    count: int = 0
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet with the values to choose; ``more`` are those that are not shown."""

    label: str
    links: tuple[Link, ...]
    n_chosen: int
    more: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a list."""

    catalogue: Catalogue
    words: str
    chosen: dict[str, frozenset[str]]
    sort: str
    number: int

    def address(self, **changes: Any) -> str:
        """The address of the page with something else asked; the first page unless said."""
        now = {"words": self.words, "chosen": self.chosen, "sort": self.sort, "number": 1}
        said: dict[str, Any] = {**now, **changes}
        usual = self.catalogue.columns[0].name
        pairs = [("q", said["words"]), ("sort", said["sort"] if said["sort"] != usual else "")]
        pairs += [(name, one) for name, wanted in said["chosen"].items() for one in sorted(wanted)]
        pairs.append(("page", said["number"] if said["number"] > 1 else ""))
        query = urlencode([pair for pair in pairs if pair[1]])
        return f"{self.catalogue.path}?{query}" if query else self.catalogue.path


async def list_page(request: Request) -> Response:
    """Records of a collection, those that the address asks for."""
    catalogue = CATALOGUES[request.url.path]
    asked = _asked(catalogue, request.query_params.multi_items())

    known = await _known(server_of(request).graph, catalogue, asked.sort)
    found = select(known, asked.words, asked.chosen)
    records = found.records
    start = (asked.number - 1) * ROWS
    return page(
        request,
        "list",
        title=catalogue.title,
        catalogue=catalogue,
        asked=asked,
        n_all=len(known.records),
        total=len(records),
        start=start,
        rows=[_row(catalogue.columns, one) for one in records[start : start + ROWS]],
        headings=[_heading(asked, one) for one in catalogue.columns],
        facets=[_facet(asked, one, found.counts[one.name]) for one in catalogue.facets],
        before=asked.address(number=asked.number - 1) if start else "",
        following=asked.address(number=asked.number + 1) if start + ROWS < len(records) else "",
        data=_data(asked),
    )


async def in_default_order(graph: Graph, catalogue: Catalogue) -> Indexed:
    """All records as the list shows them to who does not say how."""
    return await _known(graph, catalogue, catalogue.columns[0].name)


async def _known(graph: Graph, catalogue: Catalogue, order: str) -> Indexed:
    """All records by what they are to be sorted by, kept until one of them changes."""
    kinds = catalogue.collection.kinds
    column = next(one for one in catalogue.columns if one.name == order.removeprefix("-"))
    source = catalogue.collection.live
    live = None if source is None else await graph.live(source, *kinds)

    def look(registry: Registry) -> Indexed:
        records = catalogue.records(registry) if live is None else live
        return indexed(records, catalogue.facets, catalogue.text)

    known = await graph.kept(f"page {catalogue.path}", look, *kinds)

    def sort(_: Registry) -> Indexed:
        return in_order(known, column, is_downwards=order.startswith("-"))

    return await graph.kept(f"page {catalogue.path} by {order}", sort, *kinds)


def _asked(catalogue: Catalogue, pairs: Sequence[tuple[str, str]]) -> Asked:
    names = [facet.name for facet in catalogue.facets]
    chosen = {name: frozenset(v for n, v in pairs if n == name and v) for name in names}
    said = dict(pairs)
    sort, number = said.get("sort") or catalogue.columns[0].name, said.get("page", "1")
    if sort.removeprefix("-") not in {one.name for one in catalogue.columns}:
        sort = catalogue.columns[0].name  # the data has other names
    if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= _MOST_PAGES):
        raise RequestError(f"the page is {number!r:.40}", hint="pages are counted from 1")
    words = said.get("q", "")[:_MOST_WORDS]
    return Asked(
        catalogue, words, {name: wanted for name, wanted in chosen.items() if wanted}, sort,
        int(number),
    )  # fmt: skip


def _row(columns: Sequence[Column], record: Any) -> list[tuple[str, str, bool]]:  # noqa: ANN401
    """Text, address and whether it is a number, for each column."""
    return [
        (_text(one, record), one.address(record) if one.address else "", one.is_number)
        for one in columns
    ]


def _text(column: Column, record: Any) -> str:  # noqa: ANN401 - a record of any list
    value = column.value(record)
    if value is None:
        return ""
    return column.text(record) if column.text else str(value)


def _heading(asked: Asked, column: Column) -> tuple[Link, str, bool]:
    """A link that sorts, how it is sorted now, and whether numbers stand below."""
    way = {column.name: "ascending", f"-{column.name}": "descending"}.get(asked.sort, "")
    turned = (
        f"-{column.name}" if way == "ascending" or (column.is_number and not way) else column.name
    )
    return Link(column.label, asked.address(sort=turned)), way, column.is_number


def _facet(asked: Asked, facet: Facet, counts: Counter[str]) -> FacetView:
    wanted = asked.chosen.get(facet.name, frozenset())
    known = facet.order or [value for value, _ in counts.most_common()]
    values = [one for one in known if counts[one] or one in wanted]
    values += sorted(wanted.difference(values))
    shown = [one for place, one in enumerate(values) if place < _VALUES or one in wanted]
    links = tuple(
        Link(one, asked.address(chosen={**asked.chosen, facet.name: wanted ^ {one}}), counts[one],
             one in wanted)
        for one in shown
    )  # fmt: skip
    return FacetView(facet.label, links, len(wanted), len(values) - len(shown))


def _data(asked: Asked) -> str:
    """The arguments that choose alike in the data, which knows plain fields and words."""
    fields = asked.catalogue.collection.fields
    pairs = [("q", asked.words)] if asked.words else []
    pairs += [(name, one) for name, wanted in asked.chosen.items()
              for one in wanted if name in fields and len(wanted) == 1]  # fmt: skip
    return urlencode(pairs)


for _path in CATALOGUES:
    router.add_api_route(_path, list_page)
