"""The foreman of a server's jobs: where they are kept, who does them, and what they may take."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fitgraph.api.jobs.foreman import Foreman, Hands
from fitgraph.api.jobs.journal import Journal
from fitgraph.api.jobs.limits import Limits
from fitgraph.api.jobs.process import Here
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.settings import Settings
from fitgraph.api.token_place import beside

_FOLDER: Final = "jobs"


def hired(graph: Graph, settings: Settings) -> Foreman:
    """The foreman by the settings.

    Raises:
        StorageError: the jobs cannot be read.
    """
    limits = Limits(
        settings.job_timeout_s,
        settings.job_cpu_s,
        settings.job_memory_bytes,
        settings.job_file_bytes,
    )
    folder = Path(settings.jobs) if settings.jobs else beside(graph.where) / _FOLDER
    return Foreman(
        Journal(folder, settings.jobs_kept),
        graph,
        _hands(settings),
        limits,
        workers=settings.job_workers,
        most_waiting=settings.jobs_waiting,
    )


def _hands(settings: Settings) -> Hands:
    if not settings.dask:
        return Here()
    from fitgraph.api.jobs.cluster import Cluster

    return Cluster(settings.dask)
