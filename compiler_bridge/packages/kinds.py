"""The kinds of packages, and the files of one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

from fitgraph.compiler_bridge.deliver import MANIFEST
from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.packages.arduino import arduino_files
from fitgraph.compiler_bridge.packages.cmake import cmake_files
from fitgraph.compiler_bridge.packages.content import Content
from fitgraph.compiler_bridge.packages.host import host_files
from fitgraph.compiler_bridge.packages.platformio import platformio_files
from fitgraph.compiler_bridge.packages.zephyr import zephyr_files

KINDS: Mapping[str, Callable[[Content], dict[str, str]]] = {
    "arduino": arduino_files,
    "cmake": cmake_files,
    "host": host_files,
    "platformio": platformio_files,
    "zephyr": zephyr_files,
}


def require_kind(kind: str) -> None:
    """Refuse what is no kind of package.

    Raises:
        BridgeError: there is none of that name.
    """
    if kind not in KINDS:
        raise BridgeError(
            f"there is no package {kind!r}", hint=f"there are {', '.join(sorted(KINDS))}"
        )


def package_files(kind: str, content: Content) -> dict[str, bytes]:
    """Name to bytes of all files of a package, its manifest among them.

    The same content gives the same bytes, at any time and wherever it is made.

    Raises:
        BridgeError: there is no such kind.
    """
    require_kind(kind)
    files = {name: text.encode() for name, text in KINDS[kind](content).items()}
    files |= content.documents
    manifest = {
        "package": kind,
        "model_sha256": content.model_sha256,
        **content.facts,
        "arena_bytes": content.generated.arena_bytes,
        "arena_lower_bound_bytes": content.generated.lower_bound_bytes,
        "files": {
            name: {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
            for name, text in sorted(files.items())
        },
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    return {**files, MANIFEST: text.encode()}
