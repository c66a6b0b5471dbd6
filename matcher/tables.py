"""Matches as tables: Arrow and Parquet where ``pyarrow`` is installed, data frames with pandas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.index.index import Index
from fitgraph.matcher.index.levels import VERDICTS, VIOLATED, Truths
from fitgraph.matcher.verdict import Match

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# Rows of a batch: 9 MB of indices.
_BATCH_ROWS: Final = 1 << 20


class MissingPackageError(MatchError):
    """A package that is not installed with fitgraph is wanted."""

    code = "missing-package"


def records_of(matches: Iterable[Match]) -> list[dict[str, object]]:
    """One record a match, with the bytes of flash and SRAM; what is not known is None."""
    found: list[dict[str, object]] = []
    for one in matches:
        flash, sram = one.constraint("flash"), one.constraint("sram")
        found.append(
            {
                "model": one.model,
                "board": one.board,
                "runtime": one.runtime,
                "verdict": str(one.verdict),
                "evidence": str(one.evidence),
                "flash_required_bytes": flash.required,
                "flash_available_bytes": flash.available,
                "sram_required_bytes": sram.required,
                "sram_available_bytes": sram.available,
            }
        )
    return found


def arrow_table(matches: Iterable[Match]) -> pa.Table:
    """Matches as an Arrow table.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
    """
    arrow = _arrow()
    return arrow.Table.from_pylist(records_of(matches), schema=_match_schema(arrow))


def data_frame(matches: Iterable[Match]) -> pd.DataFrame:
    """Matches as a pandas data frame.

    Raises:
        MissingPackageError: pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - who wants no frame need not have it
    except ImportError as error:
        raise MissingPackageError(
            "pandas is not installed", hint="pip install 'fitgraph[arrow]'"
        ) from error
    return pd.DataFrame(records_of(matches))


def all_pairs(index: Index, forbidden: Truths | None = None) -> pa.RecordBatchReader:
    """Every pair of an index with its verdict, batch after batch: model, board, verdict.

    Args:
        index: of models and boards.
        forbidden: which pairs are a no besides, a row a model.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
    """
    arrow = _arrow()
    schema = _pair_schema(arrow)
    return arrow.RecordBatchReader.from_batches(schema, _batches(arrow, schema, index, forbidden))


def write_pairs(index: Index, path: Path) -> int:
    """Writes every pair into a Parquet file, and returns how many there are.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
    """
    return write_table(all_pairs(index), path)


def write_table(reader: pa.RecordBatchReader, path: Path) -> int:
    """Writes batches into a file as they come, and returns how many rows there are.

    Args:
        path: an Arrow stream where it ends with ``.arrow``, else Parquet.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
    """
    arrow = _arrow()
    import pyarrow.parquet as pq  # noqa: PLC0415 - see below

    n_rows, is_stream = 0, path.suffix == ".arrow"
    opened = (
        arrow.ipc.new_stream(str(path), reader.schema)
        if is_stream
        else pq.ParquetWriter(path, reader.schema, compression="zstd")
    )
    with opened as writer:
        for batch in reader:
            writer.write_batch(batch)
            n_rows += batch.num_rows
    return n_rows


def stream(reader: pa.RecordBatchReader) -> Iterator[bytes]:
    """The parts of an Arrow IPC stream, one a batch.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
    """
    arrow = _arrow()
    out = _Parts()
    with arrow.ipc.new_stream(out, reader.schema) as writer:
        yield out.taken()
        for batch in reader:
            writer.write_batch(batch)
            yield out.taken()
    yield out.taken()


class _Parts(io.RawIOBase):
    """What was written since somebody took it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:  # noqa: ANN401 - whatever has bytes
        part = bytes(content)
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _batches(
    arrow: Any,  # noqa: ANN401 - pyarrow's, likewise the schema
    schema: Any,  # noqa: ANN401
    index: Index,
    forbidden: Truths | None,
) -> Iterator[Any]:
    import numpy as np  # noqa: PLC0415 - pyarrow brings its arrays

    models = arrow.array([one.name for one in index.models], arrow.string())
    boards = arrow.array([one.board_id for one in index.boards], arrow.string())
    verdicts = arrow.array([str(one) for one in VERDICTS], arrow.string())
    n_boards = len(index.boards)
    if not n_boards:
        return
    rows = enumerate(
        levels if forbidden is None else np.where(forbidden[number], VIOLATED, levels)
        for number, (_, levels) in enumerate(index.pairs())
    )
    places = np.arange(n_boards, dtype=np.int32)
    while some := list(islice(rows, max(1, _BATCH_ROWS // n_boards))):
        numbers = np.array([number for number, _ in some], dtype=np.int32)
        yield arrow.record_batch(
            [
                arrow.DictionaryArray.from_arrays(np.repeat(numbers, n_boards), models),
                arrow.DictionaryArray.from_arrays(np.tile(places, len(some)), boards),
                arrow.DictionaryArray.from_arrays(
                    np.concatenate([levels for _, levels in some]), verdicts
                ),
            ],
            schema=schema,
        )


def _pair_schema(arrow: Any) -> Any:  # noqa: ANN401 - pyarrow's
    text = arrow.string()
    return arrow.schema(
        {
            "model": arrow.dictionary(arrow.int32(), text),
            "board": arrow.dictionary(arrow.int32(), text),
            "verdict": arrow.dictionary(arrow.int8(), text),
        }
    )


def _match_schema(arrow: Any) -> Any:  # noqa: ANN401 - pyarrow's
    texts = ("model", "board", "runtime", "verdict", "evidence")
    sizes = (f"{m}_{which}_bytes" for m in ("flash", "sram") for which in ("required", "available"))
    return arrow.schema(
        {
            **dict.fromkeys(texts, arrow.string()),
            **dict.fromkeys(sizes, arrow.int64()),
        }
    )


def _arrow() -> Any:  # noqa: ANN401 - pyarrow has no types
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, which few need
    except ImportError as error:
        raise MissingPackageError(
            "pyarrow is not installed", hint="pip install 'fitgraph[arrow]'"
        ) from error
    return pa
