"""Loads the device catalogue into an empty store and says what that took.

Usage: python -m benchmarks.catalogue [--few N]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.models import REPOSITORY
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus

# getrusage(2): kilobytes of 1024; macOS says bytes.
_MAXRSS_BYTES: Final = 1 if sys.platform == "darwin" else 1024
#: What loading the whole catalogue may take on two cores.
TARGET_S, TARGET_MB = 20.0, 600.0


@dataclass(frozen=True, slots=True)
class Load:
    """One load.

    Attributes:
        read_s: the tables become records.
        write_s: records become triples, are held against the shapes and written.
        wall_s: both, and opening and closing the store.
        cpu_s: of all threads of the process, with counting the triples.
        peak_mb: its largest resident set, in MB of 10^6 bytes.
    """

    n_resources: int
    n_triples: int
    read_s: float
    write_s: float
    wall_s: float
    cpu_s: float
    peak_mb: float


def load(few: int | None) -> Load:
    """Loads the catalogue, or the first few of its parts and boards, in this process."""
    cpu, started = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="fitgraph-bench-") as folder:
        with open_registry(Path(folder)) as registry:
            opened = time.perf_counter()
            mcus = tuple(islice(catalogue_mcus(), few))
            boards = tuple(islice(catalogue_boards(), few))
            read = time.perf_counter()
            added = registry.import_device_catalogue(mcus, boards, lambda _: None)
            written = time.perf_counter()
            counts = registry.store.count_triples([one.iri for one in added])
            counted = time.perf_counter()
        wall_s = time.perf_counter() - started - (counted - written)
    return Load(
        n_resources=len(added),
        n_triples=sum(counts.values()),
        read_s=round(read - opened, 2),
        write_s=round(written - read, 2),
        wall_s=round(wall_s, 2),
        cpu_s=round(time.process_time() - cpu, 2),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES / 1e6, 1),
    )


def measure(few: int | None) -> Load:
    """One load in a process of its own, whose memory is nobody else's."""
    command = [sys.executable, "-m", "benchmarks.catalogue", "--here"]
    done = subprocess.run(
        [*command, *([] if few is None else ["--few", str(few)])],
        capture_output=True, text=True, check=True, cwd=REPOSITORY,
    )  # fmt: skip
    return Load(**json.loads(done.stdout))


def main() -> None:
    """Measures and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, help="only so many parts and boards")
    parser.add_argument("--here", action="store_true", help="in this process, the figures alone")
    wishes = parser.parse_args()
    if wishes.here:
        sys.stdout.write(json.dumps(asdict(load(wishes.few))))
        return
    found = measure(wishes.few)
    is_met = found.wall_s <= TARGET_S and found.peak_mb <= TARGET_MB
    report = {"machine": describe_machine(), **asdict(found), "targets_met": is_met}
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
