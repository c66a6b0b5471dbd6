"""From a model file to proven firmware: the first time on a machine, and from then on.

Each time in a process of its own, Python's start and imports included. The first has an empty cache
folder, so the run-time library of the target and the instruction counter are
compiled, too. ``python -m benchmarks.first_build`` prints both, in seconds of the clock and of the
processor: on a machine with other work the clock says little.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.models import REPOSITORY, collected_models, shared_data, wake_word_models

BOARD = "nucleo-f446re"
# The keyword spotter of MLPerf Tiny, a depthwise-separable network; a wake word where it is absent.
MODEL_SHA256 = "aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae"

_CHILD = """
import sys
from pathlib import Path
from fitgraph.compiler_bridge.prove import prove
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.read_model import read_model_safely
path = Path(sys.argv[1])
prove(read_model_safely(path), path.read_bytes(), builtin_board(sys.argv[2]))
"""


@dataclass(frozen=True, slots=True)
class BuildTime:
    """One build.

    Attributes:
        processor_s: of the process and all that it started, on all cores together.
    """

    model: str
    board: str
    is_first: bool
    clock_s: float
    processor_s: float


def measure() -> tuple[BuildTime, ...]:
    """The first build with an empty cache, and the second with a filled one."""
    path = _model()
    with tempfile.TemporaryDirectory(prefix="fitgraph-bench-") as cache:
        return tuple(_timed(path, Path(cache), is_first=is_first) for is_first in (True, False))


def _timed(path: Path, cache: Path, *, is_first: bool) -> BuildTime:
    environment = {**os.environ, "FITGRAPH_CACHE": str(cache)}
    before, started = _processor_s(), time.perf_counter()
    command = [sys.executable, "-c", _CHILD, str(path), BOARD]
    subprocess.run(command, check=True, cwd=REPOSITORY, env=environment)
    clock_s = time.perf_counter() - started
    processor_s = _processor_s() - before
    return BuildTime(path.stem, BOARD, is_first, round(clock_s, 2), round(processor_s, 2))


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _model() -> Path:
    data = shared_data()
    found = [] if data is None else collected_models(data, {MODEL_SHA256: "kws_ref_model"})
    return (found or wake_word_models())[0].path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time from a model file to proven firmware.")
    parser.add_argument("--json", action="store_true", help="write one JSON list")
    arguments = parser.parse_args()
    found = measure()
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], indent=2) + "\n")
        return
    for one in found:
        when = "first build" if one.is_first else "from then on"
        print(
            f"{one.model} for {one.board}, {when}: {one.clock_s:.1f} s by the clock, "
            f"{one.processor_s:.1f} s of the processor"
        )


if __name__ == "__main__":
    main()
