"""GNU toolchains for bare metal, where they are installed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.toolchain.cache import file_digest
from fitgraph.compiler_bridge.toolchain.driver import Driver
from fitgraph.compiler_bridge.toolchain.process import run_tool
from fitgraph.compiler_bridge.toolchain.protocol import DEFAULT_OPTIMISATION, Objects
from fitgraph.compiler_bridge.toolchain.targets import TARGETS

ARM_COMPILERS = ("arm-none-eabi-gcc",)
# Debian's, upstream's and xPack's names; each has RV32 among its multilibs.
RISCV_COMPILERS = ("riscv64-unknown-elf-gcc", "riscv32-unknown-elf-gcc", "riscv-none-elf-gcc")

_VERSION_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class GccToolchain:
    """A GCC with libgcc.

    Attributes:
        compiler: its name on PATH or its path: ``arm-none-eabi-gcc``.
    """

    compiler: str = "arm-none-eabi-gcc"

    @property
    def identity(self) -> str:
        return _version(_executable(self.compiler))

    @property
    def digest(self) -> str:
        return file_digest(Path(_executable(self.compiler)))

    def supports(self, isa_class: str) -> bool:
        return isa_class in TARGETS and isa_class.startswith("rv32") == self._is_riscv

    @property
    def _is_riscv(self) -> bool:
        return Path(self.compiler).name.startswith("riscv")

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
        return self._driver().compile(
            sources,
            isa_class,
            self._flags(isa_class),
            defines or {},
            optimisation,
            warnings_are_errors=warnings_are_errors,
            line_tables=line_tables,
        )

    def link(self, objects: Objects, linker_script: str) -> bytes:
        """See ``Toolchain.link``."""
        return self._driver().link(objects, self._flags(objects.isa_class), linker_script)

    def _driver(self) -> Driver:
        return Driver(
            command=(_executable(self.compiler),),
            compile_flags=("-fno-tree-loop-distribute-patterns",),
            link_flags=("-nostartfiles", "-nodefaultlibs", "-Wl,--build-id=none"),
            libraries=("-lgcc",),
        )

    def _flags(self, isa_class: str) -> tuple[str, ...]:
        if not self.supports(isa_class):
            raise ToolchainError(f"{self.compiler} has no target for the ISA class {isa_class!r}")
        return TARGETS[isa_class].gcc


def installed_gcc(isa_class: str) -> GccToolchain | None:
    """The first GCC on PATH that compiles for the ISA class."""
    for name in (*ARM_COMPILERS, *RISCV_COMPILERS):
        found = GccToolchain(name)
        if found.supports(isa_class) and shutil.which(name):
            return found
    return None


def _executable(compiler: str) -> str:
    found = shutil.which(compiler)
    if found is None:
        raise ToolchainError(
            f"{compiler} is not installed",
            hint="install it (Debian: gcc-arm-none-eabi, gcc-riscv64-unknown-elf) or use zig",
        )
    return found


@cache
def _version(executable: str) -> str:
    """First line of ``--version``, which names the distribution's build."""
    folder = Path(tempfile.gettempdir())
    done = run_tool((executable, "--version"), folder, timeout_s=_VERSION_TIMEOUT_S)
    return done.output.splitlines()[0].strip() if done.output.strip() else executable
