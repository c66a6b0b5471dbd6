"""Matches into a file: Parquet or Arrow, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fitgraph.api.compiler import compiler_for
from fitgraph.registry.errors import InvalidRecordError, StorageError

if TYPE_CHECKING:
    from fitgraph.matcher.verdict import Match
    from fitgraph.registry.catalogue import Registry

_FORMS: Final = (".parquet", ".arrow")


def check_table_name(file: Path) -> None:
    """Makes sure that the form can be told, before anything is computed.

    Raises:
        InvalidRecordError: it cannot.
    """
    if file.suffix not in _FORMS:
        raise InvalidRecordError(
            f"{file} is no table that can be written",
            hint=f"name a file that ends with {' or '.join(_FORMS)}",
        )


def write_all(registry: Registry, runtime: str, file: Path) -> int:
    """Writes every pair of a store with its verdict, and tells how many there are.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
        StorageError: the file cannot be written.
    """
    from fitgraph.matcher.index.index import index_of
    from fitgraph.matcher.tables import all_pairs, write_table

    index = index_of(registry.store, runtime, compiler_for(registry, runtime))
    try:
        return write_table(all_pairs(index), file)
    except OSError as error:
        raise _unwritten(file, error) from error


def write_matches(matches: Iterable[Match], file: Path) -> int:
    """Writes matches with their bytes, and tells how many there are.

    Raises:
        MissingPackageError: ``pyarrow`` is not installed.
        StorageError: the file cannot be written.
    """
    from fitgraph.matcher.tables import arrow_table, write_table

    table = arrow_table(matches)
    try:
        return write_table(table.to_reader(), file)
    except OSError as error:
        raise _unwritten(file, error) from error


def _unwritten(file: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{file} cannot be written: {error.strerror or error}",
        hint="check the folder and the free disk space",
    )
