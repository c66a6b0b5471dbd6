"""What one job may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the processes that do a job.

    Attributes:
        wall_s: seconds after which all of them are killed.
        cpu_s: seconds of CPU time of each of them.
        memory_bytes: address space of each of them.
        file_bytes: size of a file that they write.
    """

    wall_s: float
    cpu_s: int
    memory_bytes: int
    file_bytes: int
