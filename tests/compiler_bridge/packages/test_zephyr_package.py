"""The Zephyr module: its `module.yml` by Zephyr's schema, its Kconfig and CMake files loaded.

Zephyr itself is no package that can be installed here. What it does with a module is done by a
small `ZephyrConfig.cmake` of ours, which reads `module.yml`, includes the module's CMake file and
builds the sample for this machine.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import kconfiglib
import pytest
import yaml

from tests.support.exactness import Subject
from tests.support.packed_models import WARNINGS, content_of, done, unpack
from tests.support.tools import require_command, require_tool

STAND_IN = Path(__file__).with_name("zephyr")
# The schema in Zephyr's scripts/zephyr_module.py: keys with the type of their values.
TOP = {"name": str, "build": dict, "tests": list, "samples": list, "boards": list, "blobs": list}
BUILD = {
    "cmake": str, "kconfig": str, "cmake-ext": bool, "kconfig-ext": bool, "sysbuild-cmake": str,
    "sysbuild-kconfig": str, "sysbuild-cmake-ext": bool, "sysbuild-kconfig-ext": bool,
    "depends": list, "settings": dict,
}  # fmt: skip


def breaches(module: Path) -> list[str]:
    """What `zephyr_module.py` would refuse."""
    meta: dict[str, Any] = yaml.safe_load((module / "zephyr" / "module.yml").read_text())
    build = meta.get("build", {})
    wrong = [key for key, value in meta.items() if not isinstance(value, TOP.get(key, ()))]
    wrong += [key for key, value in build.items() if not isinstance(value, BUILD.get(key, ()))]
    if not (module / str(build.get("cmake", "zephyr")) / "CMakeLists.txt").is_file():
        wrong.append("no CMakeLists.txt")
    if not (module / str(build.get("kconfig", "zephyr/Kconfig"))).is_file():
        wrong.append("no Kconfig")
    return wrong + [path for path in meta.get("samples", ()) if not (module / path).is_dir()]


@pytest.mark.parametrize("name", ["digits", "true", "null", "on", "1e5"])
def test_the_module_keeps_to_the_schema(name: str, digits: Subject, tmp_path: Path) -> None:
    """Names that YAML takes for something else than text included."""
    model = Subject(replace(digits.graph, name=name), digits.content)
    module = unpack("zephyr", content_of(model), tmp_path / "module")
    assert breaches(module) == []
    (module / "zephyr" / "module.yml").write_text("name: true\nbuild:\n  cmake: absent\n")
    assert breaches(module) == ["name", "no CMakeLists.txt"]


def test_kconfig_offers_the_model_and_its_arenas(digits: Subject, tmp_path: Path) -> None:
    module = unpack("zephyr", content_of(digits), tmp_path / "module")
    kconfig = kconfiglib.Kconfig(str(module / "zephyr" / "Kconfig"), warn_to_stderr=False)
    assert kconfig.warnings == []
    macro = digits.generated.prefix.upper()
    model, arenas = (kconfig.syms[f"FITGRAPH_{macro}{end}"] for end in ("", "_CALLER_ARENA"))
    assert (model.str_value, arenas.str_value) == ("n", "n")
    arenas.set_value("y")
    assert arenas.str_value == "n", "not without the model"
    kconfig.load_config(str(module / "samples" / "run_once" / "prj.conf"))
    arenas.set_value("y")
    assert (model.str_value, arenas.str_value) == ("y", "y")


def test_the_sample_is_one_that_twister_finds(digits: Subject, tmp_path: Path) -> None:
    """Names of tests are dotted words, and the console says what `sample.yaml` waits for."""
    module = unpack("zephyr", content_of(digits), tmp_path / "module")
    sample = yaml.safe_load((module / "samples" / "run_once" / "sample.yaml").read_text())
    assert isinstance(sample["sample"]["name"], str)
    ((name, test),) = sample["tests"].items()
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", name)
    assert test["harness"] == "console"


@pytest.mark.parametrize("name", ["digits", "wake_word"])
def test_the_sample_is_built_with_the_module_and_runs(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model: Subject = request.getfixturevalue(name)
    module = unpack("zephyr", content_of(model), tmp_path / "module")
    sample = module / "samples" / "run_once"
    require_tool("make")
    done(
        [
            require_command("cmake"), "-S", sample, "-B", tmp_path / "build", "-G",
            "Unix Makefiles", f"-DCMAKE_C_FLAGS={' '.join(WARNINGS)}", f"-DZephyr_DIR={STAND_IN}",
            f"-DCMAKE_C_COMPILER={require_tool('gcc')}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
        ],
        tmp_path,
    )  # fmt: skip
    done([require_command("cmake"), "--build", tmp_path / "build"], tmp_path)
    said = done([tmp_path / "build" / "app"], tmp_path).decode().splitlines()
    waits_for = yaml.safe_load((sample / "sample.yaml").read_text())["tests"]
    (test,) = waits_for.values()
    assert re.fullmatch(test["harness_config"]["regex"][0], said[-1])
    assert len(said) == 1 + sum(
        out.n_bytes // out_size(out.dtype) for out in model.generated.outputs
    )
    assert "-ffp-contract=off" in (tmp_path / "build" / "compile_commands.json").read_text()


def out_size(dtype: str) -> int:
    return 4 if dtype == "float32" else 1
