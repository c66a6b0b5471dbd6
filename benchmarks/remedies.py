"""Shows that remedies work: ``python -m benchmarks.remedies``.

Takes pairs of a real model and a real board that memory keeps apart, by as few bytes as may be,
asks `fitgraph explain` what would help, and does all that it offers: every command has to succeed,
and what comes of it has to build. Ends with 1 where something does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.models import REPOSITORY, select
from benchmarks.records import ModelFile
from benchmarks.remedies_applied import Applied, applied
from benchmarks.soundness_kept import gathered
from benchmarks.soundness_pairs import Kind, linkable
from benchmarks.soundness_run import Told, Wishes, every_model, told_of, workers
from fitgraph.api.output import Step, progress
from fitgraph.matcher.placement import capacity_bytes, flash_candidates, need, ram_candidates
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.footprint import Footprint

PAIRS: Final = 36
CLASSES: Final = ("armv6-m", "armv7-m", "armv7e-m+fp")
_WORK: Final = REPOSITORY / "build" / "soundness"


@dataclass(frozen=True, slots=True)
class Report:
    """What was offered and applied.

    Attributes:
        pairs: model and board, none of which fits.
        bare: of these, how many nothing is offered for.
        works: remedies that work, by kind.
        failures: those that do not.
    """

    pairs: int
    bare: int
    works: Mapping[str, int]
    failures: tuple[Applied, ...]


def remedies(wishes: Wishes, n_pairs: int, work: Path, step: Step) -> Report:
    """Chooses pairs, asks and applies."""
    models = {one.sha256: one for one in select(every_model(), wishes.models)}
    with tempfile.TemporaryDirectory(prefix="fitgraph-remedies-") as folder, workers() as pool:
        pairs = _nearest(told_of(wishes, work, pool, step), models, n_pairs)
        store = Path(folder) / "store"
        step("filling a store")
        _fill(store)
        tasks = {
            (model.name, board): pool.submit(applied, model, board, store) for model, board in pairs
        }
        found = gathered("applying remedies", tasks, step)
    every = [one for some in found.values() for one in some]
    return Report(
        pairs=len(pairs),
        bare=sum(not some for some in found.values()),
        works=dict(sorted(Counter(one.kind for one in every if not one.failure).items())),
        failures=tuple(one for one in every if one.failure),
    )


def _nearest(told: Told, models: Mapping[str, ModelFile], most: int) -> list[tuple[ModelFile, str]]:
    """Of each model and class the board that is short of the least; one of each model in turn."""
    footprints = {(one.model_sha256, one.isa_class): one for one in told.footprints}
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for pair in told.answers.pairs:
        is_no = pair.kind is Kind.AS_IT_IS and pair.verdict is Verdict.NO
        if is_no and pair.board == linkable(pair.board):
            key = pair.sha256, pair.isa_class
            found = _excess(footprints[key], pair.board), pair.board.board_id
            best[key] = min(best.get(key, found), found)
    turns: Counter[str] = Counter()
    ordered = []
    for (sha256, _), (share, board) in sorted(best.items(), key=lambda one: one[1]):
        turns[sha256] += 1
        ordered.append((turns[sha256], share, sha256, board))
    return [(models[sha256], board) for _, _, sha256, board in sorted(ordered)[:most]]


def _excess(footprint: Footprint, board: Board) -> float:
    """How many times the largest regions a firmware takes, the worse of both."""
    needed = need(footprint)
    parts = (
        (needed.flash_bytes, flash_candidates(board)),
        (needed.arena_bytes, ram_candidates(board)),
    )
    return max(n_bytes / max(1, capacity_bytes(some[0])) for n_bytes, some in parts if some)


def _fill(store: Path) -> None:
    with open_registry(store) as registry:
        registry.add_boards(builtin_boards())
        mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
        registry.add_device_catalogue(mcus, boards, lambda _done: None)


def main() -> int:
    """Measure and print."""
    arguments = _parser().parse_args()
    wishes = Wishes(tuple(arguments.model), CLASSES)
    with progress("reading models") as step:
        report = remedies(wishes, arguments.pairs, arguments.work, step)
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    else:
        _print(report)
    return 1 if report.failures else 0


def _print(report: Report) -> None:
    works = ", ".join(f"{number} {kind}" for kind, number in report.works.items())
    print(f"{report.pairs} pairs, {report.bare} without a remedy; these work: {works}")
    for one in report.failures:
        print(f"DOES NOT WORK: {one.model} on {one.board}: {one.command}: {one.failure}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.remedies", description="Apply every remedy that is offered."
    )
    add = parser.add_argument
    add("--model", action="append", default=[], help="part of a model's name; may be repeated")
    add("--pairs", type=int, default=PAIRS, help=f"pairs of a model and a board ({PAIRS})")
    add("--json", action="store_true", help="write one JSON object to standard output")
    add("--work", type=Path, default=_WORK, metavar="FOLDER", help="where builds are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
