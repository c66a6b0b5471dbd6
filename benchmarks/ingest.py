"""Ingest: each model into a fresh registry, in a process of its own that starts from nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from benchmarks.models import REPOSITORY
from benchmarks.records import Ingest, ModelFile
from fitgraph.ontology.errors import FitgraphError


class IngestFailedError(FitgraphError):
    """The process that takes a model in did not come to its end."""

    code: ClassVar[str] = "ingest-failed"
    exit_code: ClassVar[int] = 3


def measure_ingest(model: ModelFile, bytecode: Path) -> Ingest:
    """Time and memory that ``fitgraph model add`` spends on a file.

    The process that calls this must be small: on Linux a child's peak starts at what its parent
    has resident when it starts it (getrusage(2) counts what was there before exec).

    Args:
        bytecode: a folder where Python keeps what it compiles. Installed packages come compiled
            with pip, not with uv; after a first call all imports are alike.

    Raises:
        IngestFailedError: the model is refused.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "benchmarks.ingest_child", str(model.path), model.name]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=REPOSITORY, env=environment
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise IngestFailedError(f"{model.name} was not taken in: {last}")
    return Ingest(**json.loads(done.stdout))
