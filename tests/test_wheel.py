"""The wheel holds the five rooms, whole and alone, and works where nothing else is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.tree import ROOMS, import_all, tracked_files


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the tracked files, built aside so that leftovers of earlier builds stay out."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked_files(repository):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(repository / name, source / name)
    output = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    run = subprocess.run(
        [*build, "--outdir", output, source], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = output.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of a new environment with the wheel in it.

    Dependencies come from this environment's folder. Python does not follow `.pth` files found
    there, so its editable fitgraph stays invisible.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    (site_packages,) = home.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_the_wheel_holds_every_tracked_file_of_the_rooms_and_nothing_else(
    wheel: Path, repository: Path
) -> None:
    tracked = {f"fitgraph/{name.as_posix()}" for name in tracked_files(repository, *ROOMS)}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    missing, extra = sorted(tracked - packed), sorted(packed - tracked)
    assert not missing, f"list the package or the suffix under [tool.setuptools]: {missing}"
    assert not extra, f"these are in no room: {extra}"


def test_the_wheel_carries_the_licence_and_says_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {f"fitgraph/{room}/py.typed" for room in ROOMS} <= set(names)


def test_every_module_of_the_installed_wheel_can_be_imported(
    installed: Path, repository: Path
) -> None:
    folders = import_all(installed, repository)
    assert [folder.name for folder in folders] == list(ROOMS)
    assert all(folder.is_relative_to(installed.parents[1]) for folder in folders)


def test_the_installed_command_tells_its_use(installed: Path, tmp_path: Path) -> None:
    command = installed.with_name("fitgraph")
    run = subprocess.run(
        [command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "Usage" in run.stdout
