"""The command, with a store that has the built-in boards, or digits models besides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command import Command


@pytest.fixture(scope="session")
def first_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with what fitgraph brings, made once: it takes seconds."""
    folder = tmp_path_factory.mktemp("first") / "store"
    assert Command(folder)("board", "list").code == 0
    return folder


@pytest.fixture(scope="session")
def digits_store(
    first_store: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A store with ``digits``, its variant ``digits-int8``, and a footprint for Cortex-M0."""
    folder = tmp_path_factory.mktemp("digits") / "store"
    shutil.copytree(first_store, folder)
    fitgraph, files = Command(folder), repository / "examples" / "digits"
    for arguments in (
        ("model", "add", files / "digits.onnx"),
        ("quantize", "digits", "--calibration", files / "calibration.npz",
         "--test", files / "test.npz"),
        ("footprint", "digits-int8", "--isa", "armv6-m"),
    ):  # fmt: skip
        done = fitgraph(*arguments)
        assert done.code == 0, done.err
    return folder


@pytest.fixture
def fitgraph(first_store: Path, tmp_path: Path) -> Command:
    """The command with the built-in boards, in a store of its own."""
    return _copy(first_store, tmp_path)


@pytest.fixture
def digits(digits_store: Path, tmp_path: Path) -> Command:
    """The command with the digits models, in a store of its own."""
    return _copy(digits_store, tmp_path)


def _copy(store: Path, folder: Path) -> Command:
    shutil.copytree(store, folder / "store")
    return Command(folder / "store")
