"""The description in a CMSIS-Pack as it is delivered: a ZIP archive that ends in ``.pack``.

Nothing is unpacked: one member of the archive's top is read, within bounds.

Source: APPNOTE.TXT of the ZIP format, section 4.3.16 (end of central directory record).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.sources import MAX_FILE_BYTES

#: The record has 22 bytes and a comment of up to 65,535.
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
#: A list of members that is larger has hundreds of thousands; vendors' packs have 20,000.
MAX_DIRECTORY_BYTES: Final = 16 << 20


def read_description(path: Path) -> bytes:
    """The ``.pdsc`` at the top of a pack.

    Raises:
        InvalidImportError: it is no such archive, or what it says of itself is beyond the limits.
    """
    try:
        with path.open("rb") as file:
            _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                return _description(archive)
    except OSError as error:
        raise InvalidImportError(
            f"cannot be read: {error.strerror or error}", hint="check the path and its permissions"
        ) from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidImportError(
            f"not a pack that can be read: {error}", hint="download it again"
        ) from error


def _description(archive: zipfile.ZipFile) -> bytes:
    found = [one for one in archive.infolist() if _is_description(one.filename)]
    if len(found) != 1:
        raise InvalidImportError(
            f"{len(found)} descriptions (.pdsc) at the archive's top, not one",
            hint="name the .pdsc file itself",
        )
    with archive.open(found[0]) as member:
        content = member.read(MAX_FILE_BYTES + 1)  # whatever size the archive claims
    if len(content) > MAX_FILE_BYTES:
        raise InvalidImportError(
            f"{found[0].filename} has more than {MAX_FILE_BYTES:,} bytes",
            hint="import a part of it",
        )
    return content


def _is_description(name: str) -> bool:
    return name.lower().endswith(".pdsc") and "/" not in name and "\\" not in name


def _check_directory(file: BinaryIO) -> None:
    """Refuses a list of members that would take a gigabyte to read."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _END.size - 0xFFFF))
    tail = file.read()
    start = tail.rfind(_END_MARK)
    if start < 0 or len(tail) - start < _END.size:
        raise InvalidImportError("not a pack: no ZIP archive", hint="download it again")
    directory_bytes = _END.unpack_from(tail, start)[5]
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise InvalidImportError(
            f"its list of members has {directory_bytes:,} bytes, more than {MAX_DIRECTORY_BYTES:,}",
            hint="name the .pdsc file itself",
        )
