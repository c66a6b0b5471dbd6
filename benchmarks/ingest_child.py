"""Takes one model into a fresh registry and writes what that took as JSON.

Started by ``ingest.py`` with a model file and its name. The packages that this needs are imported
before the clock runs; what they import or compile at first use counts.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.records import Ingest
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.facts import model_facts
from fitgraph.registry.read_model import read_model_safely

# getrusage(2): kilobytes of 1024; macOS says bytes.
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Take in the file that the arguments name."""
    path, name = Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="fitgraph-bench-") as folder:
        started = time.perf_counter()
        with open_registry(Path(folder)) as registry:
            opened = time.perf_counter()
            graph = read_model_safely(path)
            read = time.perf_counter()
            facts = model_facts(graph)
            known = time.perf_counter()
            registry.add_model(graph, facts, path, name)
            stored = time.perf_counter()
    found = Ingest(
        model=name,
        model_format=graph.format,
        file_bytes=graph.file_bytes,
        macs=facts.macs,
        read_ms=_ms(opened, read),
        facts_ms=_ms(read, known),
        store_ms=_ms(known, stored),
        total_ms=_ms(opened, stored),
        open_ms=_ms(started, opened),
        peak_mb=_peak_mb(),
    )
    sys.stdout.write(json.dumps(asdict(found)))


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 2)


def _peak_mb() -> float:
    """Largest resident set of this process or of the one that read the file."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(kind).ru_maxrss for kind in kinds)
    return round(peak * _MAXRSS_BYTES / 1e6, 1)


if __name__ == "__main__":
    main()
