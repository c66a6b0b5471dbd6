"""A devicetree source as tokens, with its includes read in, within bounds.

Source: Devicetree Specification 0.4, chapter 6. Of the C preprocessor, which Zephyr runs first,
includes are followed; macros stay words, and what is under a condition is left out (what an
``#ifndef`` guards is not).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.sources import read_bytes, text_of

MAX_INCLUDES: Final = 200
MAX_TOKENS: Final = 200_000
MAX_FILE_BYTES: Final = 4 << 20

_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<include>(?:\#|/)include/?[ \t]*(?:"(?P<quoted>[^"\n]*)"|<(?P<angled>[^>\n]*)>))
      | (?P<directive>^[ \t]*\#[ \t]*(?:define|undef|if|ifdef|ifndef|elif|else|endif|error|pragma)
          (?![\w,-])(?:\\\n|[^\n])*)
      | (?P<string>"(?:\\.|[^"\\])*")
      | (?P<path>&\{[^}\n]*\})
      | (?P<word>/[\w-]+/|[&]?[\w,.+?\#@-]+)
      | (?P<mark><<|>>|&&|\|\||[{}()\[\]<>=;:,/*%!~|&^])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclass(slots=True)
class Reading:
    """What one devicetree's reading has come to.

    Attributes:
        folders: where includes may lie.
        missing: includes that were not found.
    """

    folders: tuple[Path, ...]
    missing: list[str] = field(default_factory=list)
    n_includes: int = 0
    n_tokens: int = 0


def tokens(path: Path, reading: Reading) -> Iterator[str]:
    """Tokens of a file and of what it includes.

    Raises:
        InvalidImportError: a file cannot be read, has what no devicetree has, or a limit is met.
    """
    yield from _file(path, reading, ())


def _file(path: Path, reading: Reading, open_files: tuple[Path, ...]) -> Iterator[str]:
    real = path.resolve()
    if real in open_files:
        raise InvalidImportError(f"{path.name} includes itself", hint="break the circle")
    text = text_of(read_bytes(path, MAX_FILE_BYTES))
    position, skipped_levels = 0, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            line = text.count("\n", 0, position) + 1
            raise InvalidImportError(
                f"{path.name}, line {line}: this is not devicetree", hint="correct the file"
            )
        position = match.end()
        if match.lastgroup == "skip":
            continue
        if match["directive"]:
            skipped_levels = _condition(match["directive"], skipped_levels)
        elif skipped_levels:
            continue
        elif match["include"]:
            wanted = match["quoted"] if match["quoted"] is not None else match["angled"]
            yield from _included(wanted, path, reading, (*open_files, real))
        else:
            reading.n_tokens += 1
            if reading.n_tokens > MAX_TOKENS:
                raise InvalidImportError(f"more than {MAX_TOKENS:,} tokens", hint="give less")
            yield match[0]


def _condition(directive: str, level: int) -> int:
    """How many conditions deep what follows is left out: only an ``#ifndef`` is taken to hold."""
    word = directive.strip().lstrip("#").split(None, 1)[0]
    if word == "ifndef" and not level:
        return 0
    if word.startswith("if"):
        return level + 1
    if word.startswith("el") and not level:
        return 1
    return max(0, level - 1) if word == "endif" else level


def _included(
    name: str, path: Path, reading: Reading, open_files: tuple[Path, ...]
) -> Iterator[str]:
    if not name.endswith((".dts", ".dtsi")):
        return  # a header defines macros, which stay words
    reading.n_includes += 1
    if reading.n_includes > MAX_INCLUDES:
        raise InvalidImportError(f"more than {MAX_INCLUDES} includes", hint="break the circle")
    found = _find(name, path, reading.folders)
    if found is None:
        reading.missing.append(name)
        return
    yield from _file(found, reading, open_files)


def _find(name: str, path: Path, folders: tuple[Path, ...]) -> Path | None:
    """The included file, if it lies within the folders."""
    places = [path.parent]
    for folder in folders:
        places += [folder, folder / "dts", folder / "include"]
        places += sorted(folder.glob("dts/*/")) + sorted(folder.glob("*/"))
    inside = [folder.resolve() for folder in (*folders, path.parent)]
    for place in places:
        found = (place / name).resolve()
        if found.is_file() and any(found.is_relative_to(folder) for folder in inside):
            return found
    return None
