"""Compilers and linkers, the real ones: what they make and how they fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.errors import DoesNotLinkError, ToolchainError
from fitgraph.compiler_bridge.firmware.linker_script import linker_script
from fitgraph.compiler_bridge.firmware.sources import Harness, firmware_sources
from fitgraph.compiler_bridge.toolchain.cache import cache_folder
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.gcc import GccToolchain
from fitgraph.compiler_bridge.toolchain.link_errors import RegionOverflowError, region_overflows
from fitgraph.compiler_bridge.toolchain.process import first_error, run_tool
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.matcher.placement import best_attempt
from fitgraph.registry.isa import ISA_CLASSES
from tests.support.hand_written_code import layer_code, misbehaving_code
from tests.support.made_up_boards import KIB, board, flash, sram
from tests.support.tools import require_tool

# One of each core that a user is most likely to have; their run-time libraries are shared with
# other tests. The other classes are linked by a slow test.
COMMON_CLASSES = ("armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp", "rv32imc")
ARM_CLASSES = tuple(name for name in TARGETS if name.startswith("arm"))


@pytest.fixture(params=["zig", "gcc"])
def any_toolchain(request: pytest.FixtureRequest) -> Toolchain:
    if request.param == "gcc":
        require_tool("arm-none-eabi-gcc")
    return toolchain_for("armv7e-m+fp", request.param)


def link(toolchain: Toolchain, isa_class: str, stack_bytes: int = 1024) -> bytes:
    objects = toolchain.compile(firmware_sources(layer_code(), isa_class), isa_class)
    ours = board(isa_class)
    return toolchain.link(objects, linker_script(ours, best_attempt(ours), stack_bytes))


def test_every_target_is_an_isa_class_of_the_registry() -> None:
    assert set(TARGETS) <= set(ISA_CLASSES)


@pytest.mark.parametrize("isa_class", TARGETS)
def test_zig_compiles_start_up_and_harness_without_a_warning(isa_class: str) -> None:
    sources = firmware_sources(layer_code(), isa_class)
    objects = ZigToolchain().compile(sources, isa_class, warnings_are_errors=True)
    assert set(objects.files) == {f"{name}.o" for name in sources if name.endswith(".c")}


@pytest.mark.parametrize("isa_class", ARM_CLASSES)
def test_gcc_compiles_start_up_and_harnesses_without_a_warning(
    isa_class: str, arm_none_eabi_gcc: Path
) -> None:
    gcc = GccToolchain(str(arm_none_eabi_gcc))
    for harness in Harness:
        sources = firmware_sources(layer_code(), isa_class, harness)
        assert gcc.compile(sources, isa_class, warnings_are_errors=True).files


@pytest.mark.parametrize("isa_class", COMMON_CLASSES)
def test_zig_links_the_common_classes(isa_class: str) -> None:
    assert link(ZigToolchain(), isa_class).startswith(b"\x7fELF")


@pytest.mark.slow
@pytest.mark.parametrize("isa_class", sorted(set(TARGETS) - set(COMMON_CLASSES)))
def test_zig_links_every_other_class(isa_class: str) -> None:
    assert link(ZigToolchain(), isa_class).startswith(b"\x7fELF")


def test_the_same_sources_give_the_same_bytes_in_any_folder(
    any_toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = link(any_toolchain, "armv7e-m+fp")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    second = link(any_toolchain, "armv7e-m+fp")
    assert first == second
    assert str(tmp_path).encode() not in second


def test_a_toolchain_says_its_name_and_version(any_toolchain: Toolchain) -> None:
    name, *version = any_toolchain.identity.split()
    assert name in {"zig", "arm-none-eabi-gcc"}
    assert any(word[0].isdigit() for word in version)


def test_a_compiler_error_is_told_in_its_first_line(any_toolchain: Toolchain) -> None:
    sources = {"fine.c": "int fine;", "wrong.c": "int f(void) {\n  return undeclared;\n}\n"}
    with pytest.raises(ToolchainError, match=r"wrong\.c:2:\d+: error: .*undeclared") as caught:
        any_toolchain.compile(sources, "armv7e-m+fp")
    assert "\n" not in caught.value.message


def test_a_missing_function_is_named(any_toolchain: Toolchain) -> None:
    code = misbehaving_code("nowhere();", "void nowhere(void);")
    objects = any_toolchain.compile(firmware_sources(code, "armv7e-m+fp"), "armv7e-m+fp")
    ours = board("armv7e-m+fp")
    with pytest.raises(ToolchainError, match="nowhere") as caught:
        any_toolchain.link(objects, linker_script(ours, best_attempt(ours), 1024))
    assert not isinstance(caught.value, DoesNotLinkError)


def test_a_small_region_is_told_with_the_bytes_it_lacks(any_toolchain: Toolchain) -> None:
    objects = any_toolchain.compile(firmware_sources(layer_code(), "armv7e-m+fp"), "armv7e-m+fp")
    # Arena 512, .data and .bss 16 each, stack 1024.
    tight = board("armv7e-m+fp", flash(64 * KIB), sram(1024 + 512 + 32))
    assert any_toolchain.link(objects, linker_script(tight, best_attempt(tight), 1024))
    small = board("armv7e-m+fp", flash(1 * KIB), sram(1024 + 512 + 32 - 1))
    with pytest.raises(RegionOverflowError, match="RAM by 1 byte") as caught:
        any_toolchain.link(objects, linker_script(small, best_attempt(small), 1024))
    assert caught.value.overflows["RAM"] == 1
    assert caught.value.overflows["FLASH"] > 2 * KIB
    assert caught.value.exit_code == 1


def test_messages_of_both_linkers_are_read() -> None:
    lld = "ld.lld: error: section '.bss' will not fit in region 'RAM': overflowed by 516 bytes\n"
    lld += "ld.lld: error: section '.data' will not fit in region 'RAM': overflowed by 1 bytes\n"
    gnu = "ld: f.elf section `.text' will not fit in region `FLASH'\n"
    gnu += "ld: region `FLASH' overflowed by 1338 bytes\n"
    assert region_overflows(lld) == {"RAM": 516}
    assert region_overflows(gnu) == {"FLASH": 1338}
    assert region_overflows("error: something else") == {}


@pytest.mark.parametrize("isa_class", ["xtensa-lx6", "avr", "no-such-class"])
def test_a_class_without_a_compiler_is_refused_with_a_hint(isa_class: str) -> None:
    with pytest.raises(ToolchainError, match=isa_class) as caught:
        toolchain_for(isa_class)
    assert caught.value.hint
    with pytest.raises(ToolchainError, match=isa_class):
        ZigToolchain().compile({}, isa_class)


def test_an_absent_gcc_is_told_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolchainError, match="not installed") as caught:
        GccToolchain().compile({"a.c": "int a;"}, "armv7-m")
    assert "gcc-arm-none-eabi" in caught.value.hint
    with pytest.raises(ToolchainError, match="no gcc compiles for the ISA class 'armv7-m'"):
        toolchain_for("armv7-m", "gcc")


def test_gcc_for_arm_does_not_claim_risc_v() -> None:
    assert not GccToolchain("arm-none-eabi-gcc").supports("rv32imc")
    assert not GccToolchain("riscv64-unknown-elf-gcc").supports("armv6-m")
    assert GccToolchain("/opt/bin/riscv64-unknown-elf-gcc").supports("rv32imac")


def test_the_environment_chooses_the_toolchain(
    monkeypatch: pytest.MonkeyPatch, arm_none_eabi_gcc: Path
) -> None:
    assert isinstance(toolchain_for("armv7-m"), ZigToolchain)
    monkeypatch.setenv("FITGRAPH_TOOLCHAIN", "gcc")
    assert toolchain_for("armv7-m") == GccToolchain(arm_none_eabi_gcc.name)
    assert isinstance(toolchain_for("armv7-m", prefer="zig"), ZigToolchain)
    monkeypatch.setenv("FITGRAPH_TOOLCHAIN", "armcc")
    with pytest.raises(ToolchainError, match="'armcc'") as caught:
        toolchain_for("armv7-m")
    assert "zig, gcc" in caught.value.hint


def test_a_cache_folder_that_cannot_be_made_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv("FITGRAPH_CACHE", str(in_the_way / "cache"))
    with pytest.raises(ToolchainError, match="cache folder") as caught:
        ZigToolchain().compile({"a.c": "int a;"}, "armv7-m")
    assert "FITGRAPH_CACHE" in caught.value.hint


def test_the_cache_folder_is_the_users_unless_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FITGRAPH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "fitgraph"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "fitgraph"


def test_a_source_name_cannot_leave_the_folder() -> None:
    with pytest.raises(ToolchainError, match="holds a folder"):
        ZigToolchain().compile({"../a.c": "int a;"}, "armv7-m")


def test_defines_reach_the_compiler(any_toolchain: Toolchain) -> None:
    check = "#if ANSWER != 42\n#error not defined\n#endif\nint a;\n"
    assert any_toolchain.compile({"a.c": check}, "armv7e-m+fp", defines={"ANSWER": "42"}).files
    with pytest.raises(ToolchainError, match="not defined"):
        any_toolchain.compile({"a.c": check}, "armv7e-m+fp", defines={"ANSWER": "41"})


def test_a_tool_that_hangs_is_ended(tmp_path: Path) -> None:
    sleep = shutil.which("sleep")
    if sleep is None:
        pytest.skip("this machine has no sleep")
    with pytest.raises(ToolchainError, match="sleep did not end within 0 s"):
        run_tool((sleep, "60"), tmp_path, timeout_s=0.1)


def test_a_tool_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="no-such-tool is not installed"):
        run_tool((os.fspath(tmp_path / "no-such-tool"),), tmp_path, timeout_s=1)


def test_the_first_error_line_is_found_among_warnings() -> None:
    output = "a.c:1:1: warning: w\n\na.c:2:2: error: e1\na.c:3:3: error: e2\n"
    assert first_error(output) == "a.c:2:2: error: e1"
    assert first_error("only this\n") == "only this"
    assert not first_error("")
