"""What is printed is what was said."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import Command


def test_colons_around_a_word_make_no_picture_of_it(tmp_path: Path) -> None:
    done = Command(tmp_path / "store")("plan", tmp_path / "root:x:0.yaml")
    assert done.code == 2
    assert "root:x:0.yaml cannot be read" in done.err
