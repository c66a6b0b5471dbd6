"""Writing a backup, as a job for a worker: the process of a server has other things to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fitgraph.registry.backup import Backup
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.work import Desk


@dataclass(frozen=True, slots=True)
class BackupJob:
    """Write what a snapshot has, with its files, into a file.

    Attributes:
        where: folder of the snapshot.
        file: that is not there yet.
        notes: see ``write_backup``.
    """

    where: Path
    file: Path
    notes: Mapping[str, Any]

    def run(self, desk: Desk) -> Backup:
        """See ``Job.run``."""
        desk.clear()
        with open_registry(self.where, read_only=True) as registry:
            return registry.write_backup(self.file, self.notes)
