"""Generated code compiled for, and run on, the machine that fitgraph runs on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.firmware.files import c_file
from fitgraph.compiler_bridge.firmware.model_header import MODEL_HEADER, model_header
from fitgraph.compiler_bridge.firmware.sources import library_sources
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import Arrays, input_stream, output_sets, output_stream_bytes
from fitgraph.compiler_bridge.toolchain.process import first_error, run_tool
from fitgraph.compiler_bridge.toolchain.protocol import LIBRARY
from fitgraph.compiler_bridge.toolchain.zig import zig_environment, zig_executable

_COMPILERS = ("cc", "gcc", "clang")
_COMPILE_TIMEOUT_S = 300.0
_RUN_TIMEOUT_S = 300.0

_FLAGS = ("-std=c99", "-O2", "-ffp-contract=off")
_SANITIZE_FLAGS = ("-g", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")

_PROGRAM = "model.exe" if os.name == "nt" else "model"


@dataclass(frozen=True, slots=True)
class HostProgram:
    """An executable that turns inputs on standard input into outputs on standard output."""

    path: Path
    generated: GeneratedCode

    def run(
        self,
        inputs: Sequence[Sequence[npt.NDArray[Any]]],
        *,
        timeout_s: float = _RUN_TIMEOUT_S,
    ) -> tuple[Arrays, ...]:
        """Outputs of each set of inputs, computed one after another in one process.

        Raises:
            ToolchainError: the program crashed, a sanitizer stopped it, or it took too long.
            InputMismatchError: the arrays are not what the model wants.
        """
        stream = self._execute(input_stream(self.generated, inputs), timeout_s)
        due_bytes = output_stream_bytes(self.generated, len(inputs))
        if len(stream) != due_bytes:
            raise ToolchainError(
                f"the host build wrote {len(stream)} bytes where {due_bytes} were due"
            )
        return output_sets(self.generated, stream, len(inputs))

    def _execute(self, content: bytes, timeout_s: float) -> bytes:
        try:
            done = subprocess.run(
                [str(self.path)], input=content, capture_output=True, timeout=timeout_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ToolchainError(f"the host build did not finish within {timeout_s:g} s") from error
        if done.returncode != 0:
            reason = first_error(done.stderr.decode(errors="replace"))
            raise ToolchainError(
                f"the host build ended with exit code {done.returncode}: {reason or 'no message'}"
            )
        return done.stdout


def build_on_host(
    generated: GeneratedCode,
    folder: Path,
    *,
    sanitize: Sequence[str] = (),
    compiler: str | None = None,
) -> HostProgram:
    """Compiles the generated code into a folder.

    Args:
        sanitize: of ``address``, ``undefined``; needs GCC or clang.
        compiler: name or path of a C compiler; None takes the system's, else zig's.

    Raises:
        ToolchainError: there is no compiler, or it found an error.
    """
    sources = {
        **generated.files,
        MODEL_HEADER: model_header(generated),
        "harness_host.c": c_file("harness_host.c"),
        **library_sources(generated),
    }
    return compile_on_host(sources, generated, folder, sanitize=sanitize, compiler=compiler)


def compile_on_host(
    sources: Mapping[str, str],
    ends: GeneratedCode,
    folder: Path,
    *,
    sanitize: Sequence[str] = (),
    compiler: str | None = None,
) -> HostProgram:
    """Compiles sources of whatever origin that read inputs and write outputs as ours do.

    Args:
        sources: file name to text; one has ``main``.
        ends: whose inputs and outputs the program takes and gives.

    Raises:
        ToolchainError: see ``build_on_host``.
    """
    for name, text in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    flags = [*_FLAGS, *(_SANITIZE_FLAGS if sanitize else ())]
    flags += [f"-fsanitize={name}" for name in sanitize]
    files = [name for name in sources if name.endswith(".c")]
    command = [*_compiler(compiler, sanitize), *flags, "-isystem", LIBRARY, *files, "-o", _PROGRAM]
    command.append("-lm")
    environment = zig_environment(folder)
    done = run_tool(command, folder, timeout_s=_COMPILE_TIMEOUT_S, environment=environment)
    if done.exit_code != 0:
        raise ToolchainError(f"the host build failed: {first_error(done.output)}")
    return HostProgram(folder / _PROGRAM, ends)


def run_on_host(
    generated: GeneratedCode,
    inputs: Sequence[Sequence[npt.NDArray[Any]]],
    *,
    sanitize: Sequence[str] = (),
    compiler: str | None = None,
) -> tuple[Arrays, ...]:
    """Builds in a temporary folder and runs; see ``build_on_host`` and ``HostProgram.run``."""
    with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
        program = build_on_host(generated, Path(name), sanitize=sanitize, compiler=compiler)
        return program.run(inputs)


def _compiler(wanted: str | None, sanitize: Sequence[str]) -> list[str]:
    names = (wanted,) if wanted else _COMPILERS
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return [found]
    if wanted or sanitize:
        raise ToolchainError(
            f"none of the C compilers {', '.join(names)} is installed",
            hint="install gcc or clang" + ("; zig lacks the sanitizers" if sanitize else ""),
        )
    return [str(zig_executable()), "cc"]
