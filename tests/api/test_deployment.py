"""The unit and the container name commands, settings and folders that there are."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fitgraph.api.server.settings import FILE_VARIABLE, PREFIX, Settings, read_settings
from tests.support.command import Command

#: Read by the rooms below the server.
_OTHERS = {"FITGRAPH_STORE", "FITGRAPH_CACHE", FILE_VARIABLE}


class _Unit(configparser.RawConfigParser):
    """A unit: names count, and some come several times."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture
def unit(repository: Path) -> str:
    return (repository / "deploy" / "fitgraph.service").read_text()


@pytest.fixture
def dockerfile(repository: Path) -> str:
    return (repository / "deploy" / "Dockerfile").read_text()


def _instructions(dockerfile: str) -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n", " ", dockerfile).splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(name, said) for name, said in pairs]


def test_every_variable_that_they_set_is_read(unit: str, dockerfile: str) -> None:
    for text in (unit, dockerfile):
        found = dict(re.findall(r"(FITGRAPH_\w+)=(\S+)", text))
        assert "FITGRAPH_STORE" in found
        known = {name: value for name, value in found.items() if name not in _OTHERS}
        assert all(name.startswith(PREFIX) for name in known)
        read_settings(known)


def test_the_example_of_settings_is_read(repository: Path) -> None:
    found = read_settings({}, repository / "deploy" / "server.toml")
    assert found.drain_s > 0
    assert found.is_local
    assert found != Settings()


def test_the_commands_that_they_run_are_there(
    unit: str, dockerfile: str, fitgraph: Command
) -> None:
    (started,) = re.findall(r"^ExecStart=\S+/fitgraph (.*)$", unit, re.MULTILINE)
    said = dict(_instructions(dockerfile))
    assert (said["ENTRYPOINT"], said["CMD"]) == ('["fitgraph"]', f'["{started}"]')
    assert fitgraph(*started.split(), "--help").code == 0


def test_the_unit_is_sound_and_can_do_little_to_the_machine(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    program = Path(sys.executable).with_name("fitgraph")
    file = tmp_path / "fitgraph.service"
    file.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={program}", unit, flags=re.MULTILINE))
    verified = subprocess.run(
        ["systemd-analyze", "verify", file], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout[-200:]


def test_the_unit_writes_only_what_it_says(unit: str) -> None:
    parser = _Unit(strict=False)
    parser.read_string(unit)
    service = parser["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["DynamicUser"] == "yes"
    written = [f"/var/lib/{service['StateDirectory']}", f"/var/cache/{service['CacheDirectory']}"]
    assert re.findall(r"FITGRAPH_(?:STORE|CACHE)=(/\w+/\w+/\w+)", unit) == written


def test_the_container_is_nobody_and_has_what_is_installed(
    repository: Path, dockerfile: str
) -> None:
    """Every folder that the wheel is made of comes along, and nothing else."""
    said = _instructions(dockerfile)
    assert said[-1][0] == "CMD"
    assert ("USER", "10001") in said
    assert [value for name, value in said if name == "VOLUME"] == [
        '["/var/lib/fitgraph", "/var/cache/fitgraph"]'
    ]
    ignored = (repository / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    taken = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert all((repository / name).exists() for name in taken)
    assert {"api", "compiler_bridge", "matcher", "ontology", "registry"} <= set(taken)
