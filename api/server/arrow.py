"""Tables as Arrow streams, where ``pyarrow`` is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, get_args, get_type_hints

from fitgraph.api.server.faults import NotAcceptableError, OverloadedError
from fitgraph.matcher.index.index import Index
from fitgraph.matcher.index.levels import Truths
from fitgraph.matcher.tables import all_pairs, arrow_table, stream
from fitgraph.matcher.verdict import Match

if TYPE_CHECKING:
    import pyarrow as pa

ARROW: Final = "application/vnd.apache.arrow.stream"
#: Each holds a batch of some MB while its client reads.
_MOST_STREAMS: Final = 4
_PACKAGE: Final = "pyarrow"


class PairStreams:
    """Streams of all pairs: a few at once."""

    def __init__(self) -> None:
        self._open = 0

    def of(self, index: Index, forbidden: Truths | None = None) -> Iterator[bytes]:
        """Every pair of an index, part by part.

        Args:
            index: of models and boards.
            forbidden: which pairs are a no besides, a row a model.

        Raises:
            OverloadedError: as many are open as may be.
        """
        if self._open >= _MOST_STREAMS:
            raise OverloadedError(
                f"{self._open} tables of all pairs are being sent already",
                hint="try again a little later",
                headers={"Retry-After": "10"},
            )
        parts = self._parts(index, forbidden)
        next(parts)  # from here on it lets go of its place, whether or not it is read
        return parts

    def _parts(self, index: Index, forbidden: Truths | None) -> Iterator[bytes]:
        self._open += 1
        try:
            yield b""
            yield from stream(all_pairs(index, forbidden))
        finally:
            self._open -= 1


def require_arrow() -> None:
    """Makes sure that there can be Arrow.

    Raises:
        NotAcceptableError: the package for it is not installed.
    """
    if not _is_installed():
        raise NotAcceptableError(
            f"{ARROW} cannot be given: {_PACKAGE} is not installed on the server",
            hint="accept JSON or CSV; on the server, pip install 'fitgraph[arrow]'",
        )


def _is_installed() -> bool:
    try:
        importlib.import_module(_PACKAGE)
    except ImportError:
        return False
    return True


def records_stream(records: Sequence[object], record_type: type, fields: Sequence[str]) -> bytes:
    """The plain fields of records, a record a row; what is not known is null."""
    import pyarrow as pa

    hints = get_type_hints(record_type)
    columns = {
        name: pa.array([_plain(getattr(record, name)) for record in records], _column(hints[name]))
        for name in fields
    }
    return _written(pa.table(columns))


def matches_stream(matches: Iterable[Match]) -> bytes:
    """Matches with the bytes of flash and SRAM."""
    return _written(arrow_table(matches))


def _written(table: pa.Table) -> bytes:
    return b"".join(stream(table.to_reader()))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, StrEnum) else value


def _column(hint: Any) -> pa.DataType:  # noqa: ANN401 - a type, or what stands for one
    """The type of a column: of a union, the widest of what it may be."""
    import pyarrow as pa

    kinds = {getattr(one, "__supertype__", one) for one in get_args(hint) or (hint,)}
    if any(isinstance(one, type) and issubclass(one, str) for one in kinds):
        return pa.string()
    if float in kinds:
        return pa.float64()
    return pa.bool_() if bool in kinds else pa.int64()
