"""The C itself: no warning, nothing from libc, the same bytes every time, any name."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from fitgraph.compiler_bridge.build import build_for_class, link_for_board
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.firmware.files import include_files
from fitgraph.compiler_bridge.firmware.sources import firmware_sources
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.compiler_bridge.toolchain.zig import (
    ZigToolchain,
    zig_environment,
    zig_executable,
)
from fitgraph.matcher.placement import best_attempt
from fitgraph.registry.model_graph import ModelGraph
from tests.support.c_sources import WARNINGS, write_sources
from tests.support.exactness import Subject, assert_same_bits, input_sets, subject
from tests.support.example_models import float_example
from tests.support.host_runs import sanitized_outputs
from tests.support.kernel_cover import (
    all_kernels,
    compiled_files,
    kernels_of,
    unsigned_layer,
)
from tests.support.reference_models import FLOAT32, INT8, reference_path
from tests.support.tools import require_tool
from tests.support.wake_words import wake_words

CROSS_CLASSES = ("armv6-m", "armv7e-m+fp", "armv8.1-m.main+mve")
FROM_LIBC = {"memcpy", "memmove", "memset"}


ODD_NAMES = (
    "",
    " ",
    "3d-model (final) v2.1",
    "*/ int evil; /*",
    "/* open",
    "back\\",
    "what??/",
    "two\nlines",
    "Käse 🧀",
    "\u202egnirts",
    "a" * 300,
    "%s {brace} \"quote\" 'quote'",
)


# C's keywords, and names that files beside the generated ones have.
TAKEN_NAMES = (
    *("int", "default", "while", "register", "main", "memcpy", "fg", "model"),
    *("string", "stdint", "stdbool", "start", "memory_map", "harness bare", "fitgraph_model"),
)


def compile_each(
    models: list[Subject], folder: Path, command: list[str], environment: Mapping[str, str]
) -> None:
    """Compiles all models; any output of the compiler is a failure."""
    for index, model in enumerate(models):
        place = folder / str(index)
        for name in write_sources(model.generated, place):
            done = subprocess.run(
                [*command, "-c", name, "-o", "model.o"],
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert not done.stderr, f"{model.graph.name}: {done.stderr}"
        assert done.returncode == 0


def test_the_models_that_the_c_is_tried_with_need_every_kernel(cover: list[Subject]) -> None:
    covered = kernels_of(cover)
    assert {kernel for kernel, _ in covered} == all_kernels()
    assert kernels_of(compiled_files()) <= covered


@pytest.mark.parametrize("optimisation", ["-O0", "-O3"])
@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig"])
def test_a_host_compiler_finds_nothing_to_warn_of(
    compiler: str, optimisation: str, cover: list[Subject], tmp_path: Path
) -> None:
    command = [*host_compiler(compiler), *WARNINGS, optimisation]
    compile_each(cover, tmp_path, command, zig_environment(tmp_path))


def host_compiler(name: str) -> list[str]:
    """The command; skips where clang itself is absent, since zig brings one of its own."""
    if name == "zig":
        return [str(zig_executable()), "cc", "-fno-sanitize=all"]
    if name == "clang" and shutil.which(name) is None:
        pytest.skip("clang is not on PATH; zig's clang is tried instead")
    return [str(require_tool(name))]


@pytest.mark.parametrize("isa_class", CROSS_CLASSES)
def test_zig_finds_nothing_to_warn_of(isa_class: str, cover: list[Subject], tmp_path: Path) -> None:
    headers = tmp_path / "include"
    headers.mkdir()
    for name, text in include_files().items():
        (headers / name).write_text(text, encoding="utf-8")
    command = [str(zig_executable()), "cc", *TARGETS[isa_class].zig, "-ffreestanding", "-Os"]
    command += ["-isystem", str(headers), *WARNINGS]
    compile_each(cover, tmp_path, command, zig_environment(tmp_path))


def test_gcc_for_arm_finds_nothing_to_warn_of(
    arm_none_eabi_gcc: Path, cover: list[Subject], tmp_path: Path
) -> None:
    headers = tmp_path / "include"
    headers.mkdir()
    for name, text in include_files().items():
        (headers / name).write_text(text, encoding="utf-8")
    command = [str(arm_none_eabi_gcc), "-mthumb", "-mcpu=cortex-m0", "-ffreestanding", "-O2"]
    command += ["-isystem", str(headers), *WARNINGS]
    compile_each(cover, tmp_path, command, os.environ)


def test_c_plus_plus_takes_the_header(cover: list[Subject], tmp_path: Path) -> None:
    compiler = [str(zig_executable()), "c++"]
    flags = ["-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    for index, model in enumerate(cover):
        prefix = model.generated.prefix
        list(write_sources(model.generated, tmp_path / str(index)))
        values = " + ".join(f"{prefix.upper()}_OUTPUT_{i}[0]" for i in range(1))
        program = f'#include "{prefix}.h"\nfloat run() {{ {prefix}_invoke(); '
        program += f"return static_cast<float>({values}); }}\n"
        path = tmp_path / str(index) / "use.cpp"
        path.write_text(program)
        done = subprocess.run(
            [*compiler, *flags, "-c", path, "-o", path.with_suffix(".o")],
            env=zig_environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, f"{model.graph.name}: {done.stderr}"
        assert done.returncode == 0


@pytest.mark.parametrize("isa_class", CROSS_CLASSES)
def test_the_object_wants_nothing_but_three_functions_and_the_compilers_own(
    isa_class: str, cover: list[Subject]
) -> None:
    wanted: set[str] = set()
    for model in cover:
        objects = ZigToolchain().compile(firmware_sources(model.generated, isa_class), isa_class)
        elf = ELFFile(io.BytesIO(objects.files[f"{model.generated.prefix}.c.o"]))
        table = elf.get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        symbols = list(table.iter_symbols())
        wanted |= {s.name for s in symbols if s["st_shndx"] == "SHN_UNDEF" and s.name}
        offered = {s.name for s in symbols if s["st_info"]["bind"] == "STB_GLOBAL"} - wanted
        suffixes = {"arena", "invoke"} | ({"reset"} if model.generated.is_stateful else set())
        assert offered == {f"{model.generated.prefix}_{suffix}" for suffix in suffixes}
    assert {name for name in wanted - FROM_LIBC if not name.startswith("__")} == set()
    assert wanted or isa_class != "armv6-m", "it multiplies 64 bits by a function of the compiler"


def test_the_arena_is_all_that_is_ever_written(cover: list[Subject]) -> None:
    for model in cover:
        board = ample_board("armv6-m")
        sizes = link_for_board(model.generated, board, best_attempt(board), 1024).sizes
        assert sizes.static_bytes == 0, model.graph.name
        assert sizes.arena_bytes == model.generated.arena_bytes


def test_the_same_model_gives_the_same_bytes_in_any_process(
    shared_data: Path, int8_example: Callable[[str], Path]
) -> None:
    paths = [int8_example("digits"), float_example("activity"), wake_words()[0]]
    paths += [reference_path(shared_data, name) for name in (INT8[0], INT8[6], FLOAT32[0])]
    program = """
import hashlib, sys
from fitgraph.compiler_bridge.generate import generate
from fitgraph.registry.read_model import read_model
for path in sys.argv[1:]:
    files = generate(read_model(path)).files
    print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())
"""
    seen = {
        subprocess.run(
            [sys.executable, "-c", program, *map(str, paths)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(seen) == 1
    here = [generate(subject(path).graph).files for path in paths]
    digests = [hashlib.sha256(repr(sorted(f.items())).encode()).hexdigest() for f in here]
    assert seen == {"".join(f"{digest}\n" for digest in digests)}


@pytest.mark.parametrize("name", [*ODD_NAMES, *TAKEN_NAMES])
def test_any_name_gives_valid_c_that_runs(name: str, tmp_path: Path) -> None:
    plain = unsigned_layer()
    model = Subject(renamed(plain.graph, name), plain.content)
    code = model.generated
    assert re.fullmatch(r"[a-z][a-z0-9_]*", code.prefix)
    gcc = str(require_tool("gcc"))
    compile_each([model], tmp_path, [gcc, *WARNINGS, "-I", "."], os.environ)
    sets = input_sets(model.graph)
    assert_same_bits(sanitized_outputs(code, sets), plain.expected(sets))
    assert build_for_class(code, "armv7e-m+fp").run is not None


def renamed(graph: ModelGraph, name: str) -> ModelGraph:
    """The graph with this name for itself, its tensors and its operators."""
    return replace(
        graph,
        name=name,
        tensors=tuple(replace(tensor, name=name) for tensor in graph.tensors),
        operators=tuple(replace(operator, name=name) for operator in graph.operators),
    )


def test_two_models_live_in_one_program(shared_data: Path, tmp_path: Path) -> None:
    names = ("Hello_World", "Voice_Turn")
    codes = [subject(reference_path(shared_data, name)).generated for name in names]
    sources = [source for code in codes for source in write_sources(code, tmp_path)]
    calls = "".join(f"{code.prefix}_invoke();" for code in codes)
    includes = "".join(f'#include "{code.prefix}.h"\n' for code in codes)
    (tmp_path / "both.c").write_text(f"{includes}int main(void) {{ {calls} return 0; }}\n")
    gcc = str(require_tool("gcc"))
    command = [gcc, *WARNINGS, *sources, "both.c", "-o", "both"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([tmp_path / "both"], check=True)


def test_the_header_says_what_the_model_is_and_how_its_numbers_are_meant(
    shared_data: Path,
) -> None:
    code = subject(reference_path(shared_data, "Hello_World")).generated
    graph = subject(reference_path(shared_data, "Hello_World")).graph
    header = code.files[f"{code.prefix}.h"]
    (entry,) = code.inputs
    assert entry.quantization is not None
    assert graph.sha256 in header
    assert f"real = {entry.quantization.scale:.9g} * (value - " in header
    assert f"#define HELLO_WORLD_ARENA_BYTES {code.arena_bytes}" in header
    assert "#define HELLO_WORLD_INPUT_0_BYTES 1" in header
    assert max(map(len, header.splitlines())) <= 120
