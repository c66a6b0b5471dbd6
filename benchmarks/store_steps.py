"""One step of ``stores.py`` in a process of its own, which is told the step and the store."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from typing import Final

from fitgraph.ontology.validate import validate
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.endpoint import Place, place
from fitgraph.registry.triples.board import board_to_triples

BOARDS: Final = 5_000
_RUNS: Final = 30
# getrusage(2): kilobytes of 1024; macOS says bytes.
_MAXRSS_BYTES: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took; medians where it ran several times."""

    wall_s: float
    processor_s: float
    peak_mb: float


def main() -> None:
    """Do the step that the arguments name, and write what it took as JSON."""
    step, store = sys.argv[1], place(sys.argv[2], os.environ)
    wall_s, processor_s = _STEPS[step](store)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES / 1e6
    sys.stdout.write(json.dumps(asdict(Cost(wall_s, processor_s, peak))))


def _catalogue(store: Place) -> tuple[float, float]:
    def run() -> None:
        with open_registry(store) as registry:
            mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
            registry.add_device_catalogue(mcus, boards, lambda _: None)

    return _timed(run, 1)


def _boards(store: Place) -> tuple[float, float]:
    boards = made_up_boards(BOARDS)

    def run() -> None:
        with open_registry(store) as registry:
            registry.add_boards(boards)

    return _timed(run, 1)


def _open(*, read_only: bool) -> Callable[[Place], tuple[float, float]]:
    def step(store: Place) -> tuple[float, float]:
        def run() -> None:
            with open_registry(store, read_only=read_only):
                pass

        return _timed(run, _RUNS)

    return step


def _validate(_: Place) -> tuple[float, float]:
    """A board with as many triples as the catalogue's largest."""
    graphs = (frozenset(board_to_triples(board)) for board in catalogue_boards())
    largest = max(graphs, key=len)
    validate(largest, "board")  # compiles the shapes

    def run() -> None:
        if validate(largest, "board"):
            raise ValueError("the catalogue has a board that its shapes refuse")

    return _timed(run, _RUNS)


def made_up_boards(count: int) -> tuple[Board, ...]:
    """Boards of the catalogue under ids of their own, without links to microcontrollers."""
    boards = islice(cycle(tuple(catalogue_boards())), count)
    return tuple(
        replace(board, board_id=f"bulk-{number}", mcu_link=None)
        for number, board in enumerate(boards)
    )


def _timed(run: Callable[[], None], runs: int) -> tuple[float, float]:
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return statistics.median(walls), statistics.median(processors)


_STEPS: Final = {
    "catalogue": _catalogue,
    "boards": _boards,
    "open-reading": _open(read_only=True),
    "open-writing": _open(read_only=False),
    "validate": _validate,
}

if __name__ == "__main__":
    main()
