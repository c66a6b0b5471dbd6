"""The Arduino library: its properties by the specification, its code for small cores."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.firmware.files import c_file
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.compiler_bridge.toolchain.zig import zig_environment, zig_executable
from tests.support.exactness import Subject
from tests.support.packed_models import WARNINGS, content_of, done, unpack
from tests.support.tools import require_tool

CORE = Path(__file__).with_name("core")
HEADERS = Path(__file__).parents[3] / "compiler_bridge" / "firmware" / "include"
CLASSES = ("armv6-m", "armv7e-m+fp")
# A memcpy that the compiler turns into a call of memcpy calls itself.
NO_LOOPS_TO_CALLS = {"zig": [], "arm-none-eabi-gcc": ["-fno-tree-loop-distribute-patterns"]}
NAMES = ("digits", "wake_word", "anomaly")
# Library specification, revision 2.2, "library.properties file format".
REQUIRED = {
    "name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url",
    "architectures",
}  # fmt: skip
CATEGORIES = {
    "Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing",
    "Data Storage", "Data Processing", "Other",
}  # fmt: skip


def properties(folder: Path) -> dict[str, str]:
    lines = (folder / "library.properties").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def breaches(folder: Path) -> list[str]:
    """Rules of the specification that a library breaks."""
    found = properties(folder)
    name = found.get("name", "")
    rules = {
        "all required fields": found.keys() >= REQUIRED and all(found.values()),
        "characters of the name": re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]*", name),
        "a letter in the name": re.search("[A-Za-z]", name),
        "63 characters": len(name) <= 63,
        "no official name": not name.lower().startswith("arduino"),
        "a semantic version": re.fullmatch(r"\d+\.\d+\.\d+", found.get("version", "")),
        "a known category": found.get("category") in CATEGORIES,
        "paragraph goes on": not found.get("paragraph", "").startswith(found.get("sentence", "?")),
        "includes exist": all(
            (folder / "src" / header.strip()).is_file() for header in found["includes"].split(",")
        ),
        "sources in src": not list(folder.glob("*.[ch]")) and any((folder / "src").glob("*.c")),
        "sketches in folders of their names": [
            sketch.stem == sketch.parent.name for sketch in folder.glob("examples/*/*.ino")
        ] == [True],
        "no utility folder beside src": not (folder / "utility").exists(),
    }  # fmt: skip
    return [rule for rule, holds in rules.items() if not holds]


def test_the_library_breaks_no_rule_of_the_specification(digits: Subject, tmp_path: Path) -> None:
    folder = unpack("arduino", content_of(digits), tmp_path / "library")
    assert breaches(folder) == []
    (folder / "library.properties").write_text("name=Arduino ü\nincludes=absent.h\n")
    assert len(breaches(folder)) == 6


@pytest.mark.parametrize("name", ["Arduino net", "=", "a\nb", "x" * 300, "Käse"])
def test_any_name_of_a_model_gives_a_library(name: str, digits: Subject, tmp_path: Path) -> None:
    model = Subject(replace(digits.graph, name=name), digits.content)
    assert breaches(unpack("arduino", content_of(model), tmp_path / "library")) == []


def commands(compiler: str, isa_class: str) -> tuple[list[str], list[str]]:
    """How to compile C, and C++."""
    target = TARGETS[isa_class]
    if compiler == "zig":
        base = [str(zig_executable())]
        flags = [*target.zig, "-fno-sanitize=all"]
        return [*base, "cc", *flags], [*base, "c++", *flags, "-nostdinc++"]
    gcc = require_tool("arm-none-eabi-gcc")
    return [str(gcc), *target.gcc], [str(gcc.with_name("arm-none-eabi-g++")), *target.gcc]


@pytest.mark.parametrize("isa_class", CLASSES)
@pytest.mark.parametrize("compiler", ["arm-none-eabi-gcc", "zig"])
@pytest.mark.parametrize("name", NAMES)
def test_library_and_sketch_compile_without_a_warning_and_link(
    name: str, compiler: str, isa_class: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The sketch as the IDE compiles it: C++ with `Arduino.h` included first."""
    model: Subject = request.getfixturevalue(name)
    folder = unpack("arduino", content_of(model), tmp_path / "library")
    cc, cxx = commands(compiler, isa_class)
    includes: list[str | Path] = [*("-I", folder / "src"), *("-I", CORE), *("-isystem", HEADERS)]
    flags = ["-Os", "-ffreestanding", *includes, "-c"]
    (tmp_path / "memory.c").write_text(c_file("memory_functions.c"))

    def run(*command: str | Path) -> None:
        done(command, tmp_path, environment=zig_environment(tmp_path))

    source, sketch = f"{model.generated.prefix}.c", folder / "examples/RunOnce/RunOnce.ino"
    run(*cc, *flags, *WARNINGS, "-std=gnu11", folder / "src" / source, "-o", "m.o")
    run(*cc, *flags, *NO_LOOPS_TO_CALLS[compiler], "memory.c", "-o", "f.o")
    plus = [*cxx, *flags, *WARNINGS, "-std=gnu++17", "-fno-exceptions", "-fno-rtti"]
    run(*plus, "-x", "c++", "-include", "Arduino.h", sketch, "-o", "s.o")
    run(*plus, CORE / "arduino_core.cpp", "-o", "c.o")
    own = ["-Os", "-Wl,--no-gc-sections"] if compiler == "zig" else ["-nostdlib", "-lgcc"]
    objects = ["s.o", "c.o", "m.o", "f.o"]
    run(*cc, "-Wl,--no-undefined", "-Wl,-e,main", *objects, *own, "-o", "sketch.elf")
    assert (tmp_path / "sketch.elf").stat().st_size > model.generated.weights_bytes


def test_gcc_keeps_products_and_sums_apart_without_being_told(
    anomaly: Subject, tmp_path: Path
) -> None:
    """A library cannot set the compiler's flags in the IDE, whose GNU C would fuse them."""
    gcc = require_tool("arm-none-eabi-gcc")
    folder = unpack("arduino", content_of(anomaly), tmp_path / "library")
    source = folder / "src" / f"{anomaly.generated.prefix}.c"
    flags: list[str | Path] = [
        *TARGETS["armv7e-m+fp"].gcc,
        "-std=gnu11",
        "-Os",
        "-isystem",
        HEADERS,
        "-S",
        "-o",
        "-",
    ]
    assert b"vfma" not in done([gcc, *flags, source], tmp_path)
    source.write_text(source.read_text().replace("#pragma GCC optimize", "#pragma GCC message"))
    assert b"vfma" in done([gcc, *flags, source], tmp_path)
