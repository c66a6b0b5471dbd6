"""Runs `fitgraph` as a user does, in this process or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fitgraph.api.command_line import run
from fitgraph.registry.blobs import Blobs
from fitgraph.registry.store import EmbeddedStore


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to stdout, which must be JSON and nothing else."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Command:
    """The command with a store of its own."""

    store: Path

    def __call__(self, *arguments: str | Path) -> Ended:
        """Run it in this process."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["--store", str(self.store), *map(str, arguments)])
        return Ended(code, out.getvalue(), err.getvalue())

    def in_a_process(
        self, *arguments: str | Path, before: Callable[[], None] | None = None
    ) -> Ended:
        """Run it in a process of its own; ``before`` is called in that process first."""
        done = subprocess.run(
            [sys.executable, "-m", "fitgraph.api", "--store", self.store, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "200"},
            preexec_fn=before,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def contents(self) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
        """Sizes of all graphs by IRI, digests of all blobs, and files left half-written."""
        blobs = self.store / "blobs"
        with EmbeddedStore.open(self.store / "graph", read_only=True) as opened:
            graphs = {iri: len(opened.graph(iri)) for iri in opened.graphs()}
        half = tuple(str(path) for path in blobs.glob("partial/*"))
        return graphs, tuple(Blobs(blobs)), half
