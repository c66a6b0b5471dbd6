"""The default toolchain: clang, LLD and compiler-rt from the PyPI package ``ziglang``."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.toolchain.cache import cache_folder, file_digest
from fitgraph.compiler_bridge.toolchain.driver import Driver
from fitgraph.compiler_bridge.toolchain.protocol import DEFAULT_OPTIMISATION, Objects
from fitgraph.compiler_bridge.toolchain.targets import TARGETS, Target

_HINT = "pip install ziglang"


@cache
def zig_executable() -> Path:
    """The ``zig`` binary inside the ``ziglang`` package.

    Raises:
        ToolchainError: the package is not installed.
    """
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise ToolchainError("the package ziglang is not installed", hint=_HINT)
    executable = Path(spec.origin).with_name("zig.exe" if os.name == "nt" else "zig")
    if not executable.is_file():
        raise ToolchainError(f"the package ziglang lacks its compiler {executable}", hint=_HINT)
    return executable


def zig_environment(folder: Path) -> Mapping[str, str]:
    """Run-time libraries are kept in our cache; what belongs to one build goes with its folder."""
    return {
        **os.environ,
        "ZIG_GLOBAL_CACHE_DIR": str(cache_folder() / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "zig-cache"),
    }


@dataclass(frozen=True, slots=True)
class ZigToolchain:
    """``zig cc`` for Cortex-M and RV32."""

    @property
    def identity(self) -> str:
        zig_executable()
        return f"zig {importlib.metadata.version('ziglang')}"

    @property
    def digest(self) -> str:
        return file_digest(zig_executable())

    def supports(self, isa_class: str) -> bool:
        return isa_class in TARGETS

    def compile(
        self,
        sources: Mapping[str, str],
        isa_class: str,
        *,
        defines: Mapping[str, str] | None = None,
        optimisation: str = DEFAULT_OPTIMISATION,
        warnings_are_errors: bool = False,
        line_tables: bool = False,
    ) -> Objects:
        """See ``Toolchain.compile``."""
        return _driver().compile(
            sources,
            isa_class,
            _target(isa_class).zig,
            defines or {},
            optimisation,
            warnings_are_errors=warnings_are_errors,
            line_tables=line_tables,
        )

    def link(self, objects: Objects, linker_script: str) -> bytes:
        """See ``Toolchain.link``."""
        return _driver().link(objects, _target(objects.isa_class).zig, linker_script)


def _driver() -> Driver:
    return Driver(
        command=(str(zig_executable()), "cc"),
        # Without this, zig traps undefined behaviour in builds that it takes for debug builds.
        # With the second, each object says what its functions take of the stack.
        compile_flags=("-fno-sanitize=all", "-fstack-size-section"),
        # -Os chooses the small compiler-rt; without -g the symbols are stripped.
        link_flags=("-Os", "-g", "-fno-sanitize=all"),
        environment=zig_environment,
    )


def _target(isa_class: str) -> Target:
    if isa_class not in TARGETS:
        raise ToolchainError(
            f"zig has no target for the ISA class {isa_class!r}",
            hint=f"it compiles for {', '.join(TARGETS)}",
        )
    return TARGETS[isa_class]
