"""The PlatformIO library: taken by PlatformIO itself, offline, and compiled for small cores."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from tests.support.exactness import Subject
from tests.support.packed_models import WARNINGS, content_of, done, unpack
from tests.support.tools import require_command, require_tool

HEADERS = Path(__file__).parents[3] / "compiler_bridge" / "firmware" / "include"


def test_platformio_packs_the_library_with_all_its_files(digits: Subject, tmp_path: Path) -> None:
    """`pio pkg pack` checks `library.json` against PlatformIO's own schema."""
    folder = unpack("platformio", content_of(digits), tmp_path / "library")
    environment = {**os.environ, "PLATFORMIO_CORE_DIR": str(tmp_path / "core"), "CI": "true"}
    environment["PLATFORMIO_SETTING_CHECK_PLATFORMIO_INTERVAL"] = "0"
    pio = require_command("pio")
    done([pio, "pkg", "pack", folder, "-o", tmp_path], tmp_path, environment=environment)
    (archive,) = tmp_path.glob("*.tar.gz")
    assert archive.name == f"{digits.generated.prefix}-1.0.0.tar.gz"
    with tarfile.open(archive) as packed:
        names = {name.removeprefix("./") for name in packed.getnames()}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files <= names


def test_platformio_refuses_the_library_without_its_version(
    digits: Subject, tmp_path: Path
) -> None:
    """The check above can fail."""
    folder = unpack("platformio", content_of(digits), tmp_path / "library")
    manifest = json.loads((folder / "library.json").read_text())
    (folder / "library.json").write_text(json.dumps({**manifest, "version": "new"}))
    with pytest.raises(AssertionError, match="semantic versioning"):
        done([require_command("pio"), "pkg", "pack", folder, "-o", tmp_path], tmp_path,
             environment={**os.environ, "PLATFORMIO_CORE_DIR": str(tmp_path / "core")})  # fmt: skip


def test_what_the_manifest_names_is_there(wake_word: Subject, tmp_path: Path) -> None:
    folder = unpack("platformio", content_of(wake_word), tmp_path / "library")
    manifest = json.loads((folder / "library.json").read_text())
    build = manifest["build"]
    assert all((folder / build["includeDir"] / name).is_file() for name in manifest["headers"])
    assert list((folder / build["srcDir"]).glob("*.c"))
    for example in manifest["examples"]:
        assert all((folder / example["base"] / name).is_file() for name in example["files"])


@pytest.mark.parametrize("isa_class", ["armv6-m", "armv7e-m+fp"])
def test_the_sources_compile_as_the_manifest_says(
    isa_class: str, digits: Subject, tmp_path: Path
) -> None:
    """With PlatformIO's own default language, the flags of the manifest and both headers."""
    folder = unpack("platformio", content_of(digits), tmp_path / "library")
    build = json.loads((folder / "library.json").read_text())["build"]
    gcc = require_tool("arm-none-eabi-gcc")
    flags = [*TARGETS[isa_class].gcc, "-std=gnu11", "-Os", *build["flags"], *WARNINGS]
    flags += ["-I", str(folder / build["includeDir"]), "-isystem", str(HEADERS)]
    (tmp_path / "user.c").write_text(
        '#include "model.h"\nint main(void) { return MODEL_N_INPUTS; }\n'
    )
    (source,) = (folder / build["srcDir"]).glob("*.c")
    for one in (source, tmp_path / "user.c"):
        done([gcc, *flags, "-c", one, "-o", tmp_path / f"{one.stem}.o"], tmp_path)
    done([gcc, *TARGETS[isa_class].gcc, "-nostdlib", "-r", tmp_path / "user.o",
          tmp_path / f"{source.stem}.o", "-o", tmp_path / "all.o"], tmp_path)  # fmt: skip


def test_the_example_runs_on_the_machine_that_builds_it(anomaly: Subject, tmp_path: Path) -> None:
    folder = unpack("platformio", content_of(anomaly), tmp_path / "library")
    (source,) = (folder / "src").glob("*.c")
    example = folder / "examples" / "run_once" / "main.c"
    gcc = require_tool("gcc")
    done([gcc, "-O2", "-I", folder / "include", *WARNINGS, example, source, "-o", "run"], tmp_path)
    assert len(done([tmp_path / "run"], tmp_path).splitlines()) > 1
