"""What every test may ask for: the shared data, the golden switch and the tools of the machine."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import hypothesis
import pytest

from tests.support.tools import require_tool

REPOSITORY = Path(__file__).resolve().parents[1]

# Of tests that are one of many alike, one in so many is run unless all are asked for.
ONE_IN = 6

# Two cores shared by workers make wall-clock deadlines lie. CI repeats the same examples, so that
# a red run means a change and not a draw.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--update-goldens`` and ``--all-cases``."""
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the code gives now over the golden files; review the diff",
    )

    parser.addoption(
        "--all-cases", action="store_true", help=f"run all tests marked `many`, not one in {ONE_IN}"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out most of the tests that are one of many: always the same ones."""
    if config.getoption("--all-cases") or config.getoption("--update-goldens"):
        return
    left_out = [item for item in items if item.get_closest_marker("many") and not _is_drawn(item)]
    if len(items) > 1 and left_out:
        left = set(left_out)
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left]


def _is_drawn(item: pytest.Item) -> bool:
    return zlib.crc32(item.nodeid.encode()) % ONE_IN == 0


@pytest.fixture(scope="session")
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the working tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real models, boards and reference figures; skips where there is none."""
    folder = Path(os.environ.get("FITGRAPH_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set FITGRAPH_SHARED_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def arm_none_eabi_gcc() -> Path:
    """GNU compiler for Arm; skips where it is absent, fails in CI."""
    return require_tool("arm-none-eabi-gcc")


@pytest.fixture(scope="session")
def qemu_system_arm() -> Path:
    """QEMU's Arm system emulator; skips where it is absent, fails in CI."""
    return require_tool("qemu-system-arm")
