"""What a job delivered: a zip file of ours."""

from __future__ import annotations

import zipfile
from pathlib import Path

from fitgraph.compiler_bridge.artifacts import PROOF


def delivered_proof(archive: Path) -> bytes | None:
    """The proof in what a build delivered; None where it has none."""
    with zipfile.ZipFile(archive) as delivered:
        names = [name for name in delivered.namelist() if name.endswith(f"/{PROOF}")]
        return delivered.read(names[0]) if names else None
