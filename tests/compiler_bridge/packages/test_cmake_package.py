"""The CMake package is configured, built, installed and found by the real CMake."""

from __future__ import annotations

import subprocess
from functools import cached_property
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.cmsis_nn.checkout import for_class
from fitgraph.compiler_bridge.firmware.files import c_file
from fitgraph.compiler_bridge.firmware.model_header import MODEL_HEADER, model_header
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.generated import GeneratedCode
from tests.support.cmsis_nn import STAND_IN, checkout
from tests.support.exactness import Subject
from tests.support.low_bit_models import every_layer
from tests.support.packed_models import (
    WARNINGS,
    assert_computes_what_the_reference_does,
    content_of,
    done,
    unpack,
)
from tests.support.tools import require_command, require_tool

CONSUMER = """\
cmake_minimum_required(VERSION 3.15)
project(consumer C)
@find@
add_executable(consumer run.c)
target_include_directories(consumer PRIVATE .)
target_link_libraries(consumer PRIVATE @prefix@::@prefix@)
"""


def configure(source: Path, build: Path, *options: str) -> None:
    cmake = require_command("cmake")
    flags = f"-DCMAKE_C_FLAGS={' '.join(WARNINGS)}"
    compiler = f"-DCMAKE_C_COMPILER={require_tool('gcc')}"
    require_tool("make")
    done([cmake, "-S", source, "-B", build, "-G", "Unix Makefiles", compiler, flags, *options],
         source)  # fmt: skip
    done([cmake, "--build", build], source)


def consumer(model: Subject, folder: Path, find: str) -> Path:
    """A project that links the library and feeds it from standard input."""
    folder.mkdir()
    text = CONSUMER.replace("@find@", find).replace("@prefix@", model.generated.prefix)
    (folder / "CMakeLists.txt").write_text(text)
    (folder / "run.c").write_text(c_file("harness_host.c"))
    (folder / MODEL_HEADER).write_text(model_header(model.generated))
    return folder


@pytest.mark.parametrize("name", ["digits", "wake_word"])
def test_an_installed_library_is_found_and_computes_what_the_reference_does(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model: Subject = request.getfixturevalue(name)
    library, prefix = unpack("cmake", content_of(model), tmp_path / "lib"), model.generated.prefix
    configure(library, tmp_path / "build")
    done([tmp_path / "build" / f"{prefix}_example"], tmp_path)
    cmake = require_command("cmake")
    done([cmake, "--install", tmp_path / "build", "--prefix", tmp_path / "to"], tmp_path)
    user = consumer(model, tmp_path / "user", f"find_package({prefix} 1.0 REQUIRED)")
    configure(user, tmp_path / "out", f"-DCMAKE_PREFIX_PATH={tmp_path / 'to'}")
    assert_computes_what_the_reference_does(tmp_path / "out" / "consumer", model)


class _Calling(Subject):
    """A model whose layers are computed by a library."""

    @cached_property
    def generated(self) -> GeneratedCode:
        library = for_class(checkout("stand-in"), "armv7e-m+fp")
        return generate(self.graph, cmsis_nn=library)


def test_a_library_that_is_called_is_compiled_from_its_own_folder(tmp_path: Path) -> None:
    """Without that folder the user is asked for it."""
    plain = every_layer(3, "int8", (8, 8, 8, 8))
    model = _Calling(plain.graph, plain.content)
    user = consumer(model, tmp_path / "user", "add_subdirectory(library)")
    unpack("cmake", content_of(model), user / "library")
    cmake = require_command("cmake")
    asked = subprocess.run(
        [cmake, "-S", user, "-B", tmp_path / "no"], capture_output=True, check=False, text=True
    )
    assert asked.returncode
    assert "give -DCMSIS_NN_DIR=FOLDER" in asked.stderr
    configure(user, tmp_path / "out", f"-DCMSIS_NN_DIR={STAND_IN}")
    assert_computes_what_the_reference_does(tmp_path / "out" / "consumer", model)


def test_a_folder_inside_a_project_is_taken_as_it_is(digits: Subject, tmp_path: Path) -> None:
    """The compiler is told to keep products and sums apart, and no example is built."""
    user = consumer(digits, tmp_path / "user", "add_subdirectory(library)")
    unpack("cmake", content_of(digits), user / "library")
    configure(user, tmp_path / "out", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    assert_computes_what_the_reference_does(tmp_path / "out" / "consumer", digits)
    commands = (tmp_path / "out" / "compile_commands.json").read_text()
    assert "-ffp-contract=off" in commands
    assert "main.c" not in commands


def test_whoever_links_the_reentrant_library_sees_its_declarations(
    digits: Subject, tmp_path: Path
) -> None:
    prefix = digits.generated.prefix
    user = consumer(digits, tmp_path / "user", "add_subdirectory(library)")
    (user / "run.c").write_text(
        '#include "model.h"\n'
        "static union { uint8_t bytes[MODEL_ARENA_BYTES]; long long aligned[2]; } arena;\n"
        "int main(void) { model_invoke_in(&arena); return MODEL_CALLER_ARENA ? 0 : 1; }\n"
    )
    lists = user / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace(f"::{prefix})", f"::{prefix}_reentrant)"))
    unpack("cmake", content_of(digits), user / "library")
    configure(user, tmp_path / "out")
    done([tmp_path / "out" / "consumer"], tmp_path)
    symbols = done([require_tool("nm"), tmp_path / "out" / "consumer"], tmp_path).decode()
    assert f"{prefix}_arena" not in symbols
