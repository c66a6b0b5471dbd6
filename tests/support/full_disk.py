"""Disks that are really full or read-only: a tiny tmpfs, where root may mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, n_bytes: int) -> Iterator[Path]:
    """A file system of so many bytes mounted at ``folder``; skips where nobody may mount."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting a small disk needs root: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def fill_up(folder: Path, leave_bytes: int = 0) -> Path:
    """Fills the disk of ``folder`` but for some bytes, and returns the file that does it."""
    filler = folder / "filler"
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    with filler.open("wb") as file:
        file.write(b"\0" * max(0, free - leave_bytes))
    return filler


def make_read_only(folder: Path) -> None:
    """Lets nobody write the disk mounted at ``folder`` any more."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
