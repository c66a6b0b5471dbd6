"""Tools that a test may want and a machine may lack."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

DEBIAN_PACKAGES = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi picolibc-arm-none-eabi",
    "qemu-system-arm": "qemu-system-arm",
    "gcc": "gcc libc6-dev",
}


def in_ci() -> bool:
    """Whether CI runs the tests: it has every tool, so nothing may be skipped for one."""
    return os.environ.get("CI") == "true"


def require_tool(name: str) -> Path:
    """Path of an executable; skips the test where it is absent, fails it in CI."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    reason = f"{name} is not on PATH (Debian: {DEBIAN_PACKAGES.get(name, name)})"
    if in_ci():
        pytest.fail(f"{reason}, and CI must not skip what needs it", pytrace=False)
    pytest.skip(reason)


def require_command(name: str) -> Path:
    """A command that a development dependency brings, or that is on PATH; see ``require_tool``."""
    beside = Path(sys.executable).with_name(name)
    return beside if beside.is_file() else require_tool(name)
