"""Drives a compiler the same way whatever its make: files in, bytes out, nothing left behind.

Compilation runs in a temporary folder under fixed relative names, without debug information,
so that the same sources give the same bytes on every run and in every folder.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.firmware.files import include_files
from fitgraph.compiler_bridge.toolchain.link_errors import overflow_error, region_overflows
from fitgraph.compiler_bridge.toolchain.process import first_error, run_tool
from fitgraph.compiler_bridge.toolchain.protocol import LIBRARY, Objects

# A weight array of 1 MB takes clang about a second; the run-time library of a target, at the first
# link for it, about four, and minutes on a machine that does a dozen other things.
COMPILE_TIMEOUT_S = 600.0
LINK_TIMEOUT_S = 600.0

WARNING_FLAGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")

COMMON_FLAGS = (
    "-std=c99",
    "-ffreestanding",
    "-fno-common",
    "-ffunction-sections",
    "-fdata-sections",
    "-fomit-frame-pointer",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    # A fused multiply-add rounds once where the reference rounds twice.
    "-ffp-contract=off",
    # memory_functions.c must not be compiled into calls of itself (GCC manual, Standards).
    "-fno-builtin",
    "-g0",
)


# Which line an instruction comes from, inlined functions among it; the code stays as it is.
LINE_TABLE_FLAGS = ("-g1", "-gdwarf-4")


@dataclass(frozen=True, slots=True)
class Driver:
    """A compiler command with what is particular to it.

    Attributes:
        command: what is run, before any flag.
        compile_flags: beyond ``COMMON_FLAGS``.
        link_flags: before the object files.
        libraries: after the object files.
        environment: of the child process, given its temporary folder; None inherits.
    """

    command: tuple[str, ...]
    compile_flags: tuple[str, ...] = ()
    link_flags: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    environment: Callable[[Path], Mapping[str, str]] | None = None

    def compile(
        self,
        sources: Mapping[str, str],
        isa_class: str,
        target_flags: Sequence[str],
        defines: Mapping[str, str],
        optimisation: str,
        *,
        warnings_are_errors: bool,
        line_tables: bool,
    ) -> Objects:
        """See ``Toolchain.compile``; the sources are compiled side by side."""
        flags = [
            *target_flags,
            *COMMON_FLAGS,
            *self.compile_flags,
            *(WARNING_FLAGS if warnings_are_errors else ()),
            *(f"-D{name}={value}" for name, value in defines.items()),
            *("-isystem", "include", "-isystem", LIBRARY, optimisation),
            *(LINE_TABLE_FLAGS if line_tables else ()),
        ]
        with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
            folder = Path(name)
            _write(folder, sources)
            _write(folder / "include", include_files())
            names = [source for source in sources if source.endswith(".c")]

            def compile_one(source: str) -> tuple[str, bytes]:
                built = f"{source.replace('/', '-')}.o"
                self._run(folder, [*flags, "-c", source, "-o", built], COMPILE_TIMEOUT_S)
                return built, (folder / built).read_bytes()

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                files = dict(pool.map(compile_one, names))
        return Objects(isa_class, files, optimisation)

    def link(self, objects: Objects, target_flags: Sequence[str], linker_script: str) -> bytes:
        """See ``Toolchain.link``."""
        with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
            folder = Path(name)
            for file_name, content in objects.files.items():
                (folder / file_name).write_bytes(content)
            (folder / "link.ld").write_text(linker_script)
            arguments = [
                *target_flags,
                *self.link_flags,
                *("-Wl,-n", "-Wl,--gc-sections", "-Wl,--entry=Reset_Handler", "-Wl,-T,link.ld"),
                *objects.files,
                *self.libraries,
                *("-o", "firmware.elf"),
            ]
            self._run(folder, arguments, LINK_TIMEOUT_S)
            return (folder / "firmware.elf").read_bytes()

    def _run(self, folder: Path, arguments: Sequence[str], timeout_s: float) -> None:
        environment = self.environment(folder) if self.environment else None
        command = (*self.command, *arguments)
        done = run_tool(command, folder, timeout_s=timeout_s, environment=environment)
        if done.exit_code == 0:
            return
        overflows = region_overflows(done.output)
        if overflows:
            raise overflow_error(overflows)
        tool = " ".join((Path(self.command[0]).name, *self.command[1:]))
        reason = first_error(done.output) or f"it ended with exit code {done.exit_code}"
        raise ToolchainError(f"{tool} failed: {reason}")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        if Path(name).name != name and not _is_of_library(name):
            raise ToolchainError(f"the source file name {name!r} holds a folder")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _is_of_library(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[0] == LIBRARY and ".." not in path.parts
