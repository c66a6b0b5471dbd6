"""Our own board files, of which one may hold many boards, a YAML document each."""

from __future__ import annotations

from typing import Final

from fitgraph.registry.board_file import board_of_document
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.imported import Imported
from fitgraph.registry.importers.sources import text_of
from fitgraph.registry.plain_yaml import Limits, PlainYamlError, read_plain_documents

#: 20,000 boards of 200 values each.
LIMITS: Final = Limits(max_depth=6, max_nodes=4_000_000)


def read_own_yaml(content: bytes, source: str) -> Imported:
    """The boards of a file.

    Raises:
        InvalidImportError: it is not YAML of the plain kind.
        InvalidBoardError: a document is not a board, or contradicts itself; names its line.
    """
    try:
        boards = [
            board_of_document(document, f"{source}, line {line}")
            for line, document in read_plain_documents(text_of(content), LIMITS)
            if document != ""
        ]
    except PlainYamlError as error:
        raise InvalidImportError(
            f"not YAML that a board file may have: {error}",
            hint="docs/boards.md has an example to start from",
        ) from error
    return Imported(boards=tuple(boards))
