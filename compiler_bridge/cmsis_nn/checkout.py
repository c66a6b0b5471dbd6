"""A user's checkout of CMSIS-NN: what is in it, and which of its sources a program needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fitgraph.compiler_bridge.cmsis_nn.scratch import Extension, extension_of
from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.generated import Library

_HEADER = "Include/arm_nnfunctions.h"
# Since it has this one, the library needs nothing of CMSIS-Core.
_NO_CORE = "Include/Internal/arm_nn_compiler.h"
_HINT = "clone ARM-software/CMSIS-NN, version 5.0.0 or newer, and give its folder"
# Far more than any release has.
_MOST_FILES = 2_000
_MOST_BYTES = 2**20

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_NAME = re.compile(r"\barm_\w+")
# A function's head begins a line, and no static one serves another file.
_DEFINED = re.compile(
    r"^(?!static|__STATIC)[A-Za-z_][\w* \t]*?\b(arm_\w+)\s*\([^;{]*\)\s*\{", re.MULTILINE
)
_REVISION = re.compile(r"\$Revision:\s*(\S+)")
_RELEASE = re.compile(r'<release\s+version="([^"]+)"')
_IN_DEVELOPMENT = "0.0.0"


class CmsisNnError(BridgeError):
    """What is given is no CMSIS-NN that can be called."""

    code = "no-cmsis-nn"


@dataclass(frozen=True, slots=True, eq=False)
class Checkout:
    """Sources and headers of the library.

    Attributes:
        name: with the version, as far as the files tell it.
        files: path inside the folder to text, of ``Include`` and of C in ``Source``.
        defined: function to the paths of files that define it.
    """

    name: str
    files: Mapping[str, str] = field(repr=False)
    defined: Mapping[str, frozenset[str]] = field(repr=False)

    def library(self, called: Iterable[str]) -> Library:
        """Headers, and sources of functions and of all that these call.

        Args:
            called: C texts with calls of the library.
        """
        sources = sorted(self._sources(called))
        headers = [path for path in sorted(self.files) if path.endswith(".h")]
        placed = {_place(path): self.files[path] for path in (*headers, *sources)}
        return Library(self.name, placed, tuple(sources))

    def _sources(self, called: Iterable[str]) -> set[str]:
        found: set[str] = set()
        left = list(called)
        while left:
            names = set(_NAME.findall(_COMMENT.sub("", left.pop())))
            paths = {path for name in names for path in self.defined.get(name, ())}
            left += [self.files[path] for path in paths - found]
            found |= paths
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CmsisNn:
    """The library as a program for a core calls it."""

    checkout: Checkout
    extension: Extension


def for_class(checkout: Checkout, isa_class: str) -> CmsisNn:
    """The library for a core.

    Raises:
        CmsisNnError: it has no kernels for that one.
    """
    if not isa_class.startswith("armv"):
        raise CmsisNnError(
            f"CMSIS-NN is for Cortex-M cores, not for {isa_class}",
            hint="build without --cmsis-nn, or for a board with a Cortex-M core",
        )
    return CmsisNn(checkout, extension_of(isa_class))


def read_checkout(folder: Path) -> Checkout:
    """Read a checkout.

    Raises:
        CmsisNnError: there is none, it is too old, or it cannot be read.
    """
    if not folder.is_dir():
        raise CmsisNnError(f"there is no folder {folder}", hint=_HINT)
    if not (folder / _HEADER).is_file():
        raise CmsisNnError(f"{folder} is no CMSIS-NN: it lacks {_HEADER}", hint=_HINT)
    if not (folder / _NO_CORE).is_file():
        raise CmsisNnError(f"the CMSIS-NN in {folder} is too old: it lacks {_NO_CORE}", hint=_HINT)
    paths = [*(folder / "Include").rglob("*.h"), *(folder / "Source").rglob("*.[ch]")]
    if len(paths) > _MOST_FILES:
        raise CmsisNnError(f"{folder} is no CMSIS-NN: it has {len(paths):,} files", hint=_HINT)
    files = {path.relative_to(folder).as_posix(): _text(path) for path in sorted(paths)}
    defined = _definitions(files)
    missing = sorted(_CALLED - defined.keys())
    if missing:
        raise CmsisNnError(
            f"the CMSIS-NN in {folder} does not fit: it lacks {missing[0]}", hint=_HINT
        )
    return Checkout(_name(folder, files[_HEADER]), files, defined)


# What the kernels call.
_CALLED = frozenset(
    {
        "arm_avgpool_s8",
        "arm_avgpool_s8_get_buffer_size",
        "arm_convolve_wrapper_s8",
        "arm_convolve_wrapper_s8_get_buffer_size",
        "arm_depthwise_conv_wrapper_s8",
        "arm_depthwise_conv_wrapper_s8_get_buffer_size",
        "arm_elementwise_add_s8",
        "arm_elementwise_mul_s8",
        "arm_fully_connected_s8",
        "arm_max_pool_s8",
    }
)


def _definitions(files: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for path, text in files.items():
        if path.endswith(".c"):
            for name in _DEFINED.findall(_COMMENT.sub("", text)):
                found[name] = found.get(name, frozenset()) | {path}
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CmsisNnError(f"{path} is too large for a source of CMSIS-NN", hint=_HINT)
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CmsisNnError(f"{path} cannot be read as C: {error}", hint=_HINT) from error


def _name(folder: Path, header: str) -> str:
    """By the pack's description, where it is that of a release; else by the header's revision."""
    pack = folder / "ARM.CMSIS-NN.pdsc"
    release = _RELEASE.search(_text(pack)) if pack.is_file() else None
    if release and release[1] != _IN_DEVELOPMENT:
        return f"CMSIS-NN {release[1]}"
    revision = _REVISION.search(header)
    return f"CMSIS-NN, arm_nnfunctions.h {revision[1]}" if revision else "CMSIS-NN"


def _place(path: str) -> str:
    """Where a file is compiled: all beside each other, but for headers in folders of their own."""
    pure = PurePosixPath(path)
    return pure.relative_to("Include").as_posix() if pure.parts[0] == "Include" else pure.name
