"""One way in for all formats: files and folders become boards, microcontrollers and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.board_checks import check_board, check_mcu
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.cmsis_pack import read_pack
from fitgraph.registry.importers.detect import Format, detect
from fitgraph.registry.importers.imported import FileReport, Imported, Note, joined
from fitgraph.registry.importers.own_yaml import read_own_yaml
from fitgraph.registry.importers.pack_archive import read_description
from fitgraph.registry.importers.platformio import read_platformio
from fitgraph.registry.importers.probe_rs import read_probe_rs
from fitgraph.registry.importers.sources import SourceFile, read_bytes, source_files

Reader = Callable[[bytes, str], Imported]

_READERS: Final[Mapping[Format, Reader]] = {
    Format.FITGRAPH: read_own_yaml,
    Format.PLATFORMIO: read_platformio,
    Format.PROBE_RS: read_probe_rs,
    Format.CMSIS_PACK: read_pack,
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is taken of files: one format or any, where includes are looked for, known contexts."""

    form: Format
    folders: tuple[Path, ...]
    contexts: Mapping[str, object] | None


def import_files(
    paths: Iterable[Path],
    form: Format = Format.AUTO,
    progress: Callable[[int, int], None] = lambda *_: None,
    contexts: Mapping[str, object] | None = None,
) -> Imported:
    """Everything that the files, and the files below the folders, describe.

    A file that was named and cannot be read is refused; one that lies in a folder is left out
    with a note.

    Args:
        paths: files and folders.
        form: of the named files; found ones are told by their content, and others passed over.
        progress: told how many of how many files are done.
        contexts: JSON-LD contexts of things besides those that are known, by address.

    Raises:
        NotFoundError: a path is not there.
        InvalidImportError: a named file cannot be read, or nothing at all was found.
    """
    paths = tuple(paths)
    files, wanted = tuple(source_files(paths)), _Wanted(form, paths, contexts)
    parts: list[Imported] = []
    for done, file in enumerate(files, 1):
        parts.append(_file(file, wanted))
        progress(done, len(files))
    found = joined(parts)
    if not (found.boards or found.mcus or found.devices or found.notes):
        raise InvalidImportError(
            f"nothing that can be imported was found in {len(files)} files",
            hint="docs/importers.md lists the formats; --format names one",
        )
    return found


def _file(file: SourceFile, asked: _Wanted) -> Imported:
    detected: Format | None = None
    try:
        content = _content(file)
        detected = detect(file.name, content)
        form = asked.form if asked.form is not Format.AUTO and file.is_named else detected
        if form is None:
            return _unknown(file)
        if asked.form not in {Format.AUTO, form}:
            return _passed_over(file, form, f"it is in the format {form}")
        return _reported(file, form, _checked(_read(file, form, content, asked)))
    except FitgraphError as error:
        message = error.message.removeprefix(f"{file.name}: ")
        if file.is_named:
            raise InvalidImportError(f"{file.name}: {message}", hint=error.hint) from error
        note = Note(file.name, f"left out: {message}")
        return replace(_passed_over(file, detected, message), notes=(note,))


def _content(file: SourceFile) -> bytes:
    if file.path.suffix.lower() == ".pack":
        return read_description(file.path)
    return read_bytes(file.path)


def _read(file: SourceFile, form: Format, content: bytes, asked: _Wanted) -> Imported:
    if form is Format.ZEPHYR:
        from fitgraph.registry.importers.zephyr import read_zephyr  # noqa: PLC0415 - rarely needed

        return read_zephyr(file.path, content, file.name, asked.folders)
    if form is Format.THING:
        from fitgraph.registry.importers.thing_description import read_thing  # noqa: PLC0415

        return read_thing(content, file.name, asked.contexts)
    return _READERS[form](content, file.name)


def _unknown(file: SourceFile) -> Imported:
    if file.is_named:
        raise InvalidImportError(
            "its format is not known",
            hint="docs/importers.md lists the formats; --format names one",
        )
    return _passed_over(file, None, "its format is not known")


def _passed_over(file: SourceFile, form: Format | None, reason: str) -> Imported:
    return Imported(files=(FileReport(file.name, str(form or ""), reason=reason),))


def _reported(file: SourceFile, form: Format, found: Imported) -> Imported:
    counts = len(found.boards), len(found.mcus), len(found.devices)
    why = found.notes[0].message if found.notes else "it describes nothing that can be taken"
    report = FileReport(file.name, str(form), *counts, reason="" if any(counts) else why)
    return replace(found, files=(report,))


def _checked(found: Imported) -> Imported:
    """The same, when nothing in it contradicts itself."""
    for board in found.boards:
        check_board(board)
    for mcu in found.mcus:
        check_mcu(mcu)
    return found
