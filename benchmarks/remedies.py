"""Shows that remedies work: ``python -m benchmarks.remedies``.

Takes pairs of a real model and a real board that memory keeps apart, by as few bytes as may be:
models of the shared data and ours, in turn of their formats, ISA classes and what is lacking. Asks
`fitgraph explain` what would help, and does all that it offers: every command has to succeed, and
what comes of it has to build. What was done before is not done again, but for what failed. Ends
with 1 where something does not work.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.models import REPOSITORY, select
from benchmarks.remedies_applied import Applied, Mended, mended
from benchmarks.remedies_pairs import tasks_of
from benchmarks.soundness_run import every_model, workers
from benchmarks.table import Cell, Column, Table, as_markdown, put_between
from fitgraph.api.output import Step, progress
from fitgraph.matcher.explanation import RemedyKind
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus

PAIRS: Final = 36
CLASSES: Final = ("armv7e-m+fp", "armv6-m", "armv7-m", "armv8-m.main+dsp+fp", "rv32imc")
#: Larger models take minutes in the emulator, a remedy.
MOST_MACS: Final = 13_000_000
#: Of the catalogue one in so many boards is taken, besides all built-in ones.
EVERY: Final = 6
_WORK: Final = REPOSITORY / "build" / "remedies"
_DONE: Final = "done.jsonl"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done before, a line of JSON each; a line that was cut off does not count."""

    path: Path

    def all(self) -> dict[str, Mended]:
        """By the key of the task; of what failed nothing."""
        found = {}
        for line in self.path.read_text().splitlines() if self.path.is_file() else ():
            try:
                said = json.loads(line)
                remedies = tuple(Applied(**one) for one in said.pop("remedies"))
                found[said["key"]] = Mended(**said, remedies=remedies)
            except (ValueError, TypeError, KeyError):
                continue
        return {
            key: one
            for key, one in found.items()
            if not any(remedy.failure for remedy in one.remedies)
        }

    def add(self, one: Mended) -> None:
        """Keeps one."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one)) + "\n")


def remedies(
    models: Sequence[str], n_pairs: int, work: Path, step: Step, *, only_kept: bool = False
) -> tuple[Mended, ...]:
    """Chooses pairs, asks and applies, until there are as many pairs as wanted."""
    work.mkdir(parents=True, exist_ok=True)
    kept, store = Kept(work / _DONE), work / "store"
    tasks = tuple(tasks_of(select(every_model(), models), CLASSES))
    known = kept.all()
    if not only_kept:
        if not (store / "graph").is_dir():
            step("filling a store")
            _fill(store)
        open_ones = iter([one for one in tasks if one.key not in known])
        with workers() as pool:
            running: set[Future[Mended]] = set()
            while sum(bool(one.board) for one in known.values()) < n_pairs:
                n_free = max(0, (os.cpu_count() or 1) - len(running))
                running |= {
                    pool.submit(mended, one, store, MOST_MACS) for one in islice(open_ones, n_free)
                }
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    found = one.result()
                    kept.add(found)
                    known[found.key] = found
                step("applying remedies", done=len(known), total=len(tasks))
            for one in running:
                one.cancel()
    chosen = {one.model.name for one in tasks}
    return tuple(one for _, one in sorted(known.items()) if one.board and one.model in chosen)


def _fill(store: Path) -> None:
    with open_registry(store) as registry:
        registry.add_boards(builtin_boards())
        mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())[::EVERY]
        registry.add_device_catalogue(mcus, boards, lambda _done: None)


def table(pairs: Sequence[Mended]) -> Table:
    """How many remedies of each kind were offered, done, and proven."""
    every = [one for pair in pairs for one in pair.remedies]
    offered = Counter(one.kind for one in every)
    done = Counter(one.kind for one in every if not one.failure)
    proven = Counter(one.kind for one in every if one.is_proven)
    rows: list[tuple[Cell, ...]] = [
        (str(kind), offered[kind], done[kind], proven[kind]) for kind in RemedyKind if offered[kind]
    ]
    models, boards = {one.model for one in pairs}, {one.board for one in pairs}
    lacks = ", ".join(f"{n} {lack}" for lack, n in sorted(Counter(o.lack for o in pairs).items()))
    bare = sum(not one.remedies for one in pairs)
    note = (
        f"{len(pairs)} pairs of {len(models)} models and {len(boards)} boards that something keeps "
        f"apart ({lacks}); for {bare} of them nothing is offered."
    )
    total: tuple[Cell, ...] = ("all", *(sum(one.values()) for one in (offered, done, proven)))
    headings = ("remedy", "offered", "done as its command says", "proven")
    return Table("Remedies that were applied", [Column(one) for one in headings],
                 [*rows, total], note)  # fmt: skip


def main() -> int:
    """Measure and print."""
    arguments = _parser().parse_args()
    with progress("reading models") as step:
        wanted = arguments.model, arguments.pairs, arguments.work
        pairs = remedies(*wanted, step, only_kept=arguments.only_kept)
    failures = [(pair, one) for pair in pairs for one in pair.remedies if one.failure]
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(one) for one in pairs], indent=2) + "\n")
    else:
        sys.stdout.write(as_markdown(table(pairs)))
    if arguments.document is not None:
        put_between(arguments.document, "remedies", as_markdown(table(pairs)))
    for pair, one in failures:
        print(
            f"DOES NOT WORK: {pair.model} on {pair.board}: {one.command}: {one.failure}",
            file=sys.stderr,
        )
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.remedies", description="Apply every remedy that is offered."
    )
    add = parser.add_argument
    add("--model", action="append", default=[], help="part of a model's name; may be repeated")
    add("--pairs", type=int, default=PAIRS, help=f"pairs of a model and a board ({PAIRS})")
    add("--json", action="store_true", help="write JSON to standard output")
    add("--work", type=Path, default=_WORK, metavar="FOLDER", help="where results are kept")
    add("--only-kept", action="store_true", help="tell what was done before, and do nothing")
    add("--document", type=Path, metavar="FILE", help="a document whose table is rewritten")
    return parser


if __name__ == "__main__":
    sys.exit(main())
