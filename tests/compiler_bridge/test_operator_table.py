"""The table of TFLite operators in the documents is the compiler's own."""

from __future__ import annotations

from pathlib import Path

from fitgraph.compiler_bridge.lower.tflite_graph import TFLITE_LOWERINGS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "tflite-operators.md"
HEAD = "| operator | version | dtypes |\n|---|---|---|\n"


def rows() -> str:
    """One an operator: the newest version, and the dtypes of what is computed."""
    lines = []
    for name, entry in sorted(TFLITE_LOWERINGS.items()):
        dtypes = ", ".join(sorted(entry.dtypes)) or "any"
        lines.append(f"| {name.removeprefix('CUSTOM:')} | {entry.max_version} | {dtypes} |\n")
    return "".join(lines)


def test_the_table_is_what_the_compiler_takes(*, update_goldens: bool) -> None:
    text = DOCUMENT.read_text("utf-8")
    before, _, _ = text.partition(HEAD)
    wanted = before + HEAD + rows()
    if update_goldens:
        DOCUMENT.write_text(wanted, "utf-8")
    assert DOCUMENT.read_text("utf-8") == wanted
