"""Libraries in C that watch an emulator, compiled by zig for the host.

Each is compiled once for each version, into the cache folder.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.toolchain.cache import cache_folder
from fitgraph.compiler_bridge.toolchain.process import run_tool
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain, zig_environment, zig_executable

_FOLDER = Path(__file__).parent / "c"
_SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
_FLAGS = ("cc", "-O2", "-shared", "-fno-sanitize=all")
_COMPILE_TIMEOUT_S = 120.0


def host_library(name: str, flags: Sequence[str] = ()) -> Path:
    """Path of the library of ``c/NAME.c`` in the cache folder, compiled if it is not there.

    Raises:
        ToolchainError: it cannot be compiled.
        OSError: the cache folder cannot be written.
    """
    source = (_FOLDER / f"{name}.c").read_bytes()
    made_of = (source.decode(), ZigToolchain().identity, *flags)
    digest = hashlib.sha256("\0".join(made_of).encode()).hexdigest()
    path = cache_folder() / f"{name}-{digest[:16]}{_SUFFIX}"
    if not path.exists():
        _compile(f"{name}.c", source, flags, path)
    return path


def _compile(source_name: str, source: bytes, flags: Sequence[str], path: Path) -> None:
    # Moved into place when it is complete: other processes may be at it too.
    with tempfile.TemporaryDirectory(prefix="fitgraph-", dir=path.parent) as name:
        folder = Path(name)
        (folder / source_name).write_bytes(source)
        command = (str(zig_executable()), *_FLAGS, *flags, source_name, "-o", path.name)
        environment = zig_environment(folder)
        done = run_tool(command, folder, timeout_s=_COMPILE_TIMEOUT_S, environment=environment)
        if done.exit_code != 0:
            raise ToolchainError(f"{source_name} does not compile: {done.output}")
        (folder / path.name).replace(path)
