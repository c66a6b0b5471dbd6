"""Models as they are packed, and packages as folders."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fitgraph.compiler_bridge.deliver import write_folder
from fitgraph.compiler_bridge.io_bytes import Arrays, input_stream, output_sets
from fitgraph.compiler_bridge.packages.content import Content
from fitgraph.compiler_bridge.packages.kinds import package_files
from tests.support.exactness import Sets, Subject, assert_same_bits, input_sets

# What generated C is clean of, as C and as C++.
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")


def content_of(model: Subject, name: str = "") -> Content:
    """The model as it is packed, of which nothing was shown yet."""
    return Content(
        generated=model.generated,
        model_name=name or model.graph.name,
        model_sha256=model.graph.sha256,
        shown=("Nothing was shown of these sources.",),
    )


def with_document(content: Content) -> Content:
    """The content with a document, as a proof is one."""
    return replace(content, documents={"proof.json": b"{}\n"})


def unpack(kind: str, content: Content, folder: Path) -> Path:
    """A package, written."""
    return write_folder(folder, package_files(kind, content))


def done(
    command: Sequence[str | Path],
    folder: Path,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Standard output of a command that must succeed."""
    ended = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        input=stdin,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode() + ended.stdout.decode()
    return ended.stdout


def outputs_of(program: Path, model: Subject, sets: Sets) -> tuple[Arrays, ...]:
    """What a program that reads input sets and writes output sets gives."""
    stream = done([program], program.parent, input_stream(model.generated, sets))
    return output_sets(model.generated, stream, len(sets))


def assert_computes_what_the_reference_does(program: Path, model: Subject) -> None:
    """To the bit, on eight random input sets and the ends of their range."""
    sets = input_sets(model.graph)
    assert_same_bits(outputs_of(program, model, sets), model.expected(sets), model.graph.name)
