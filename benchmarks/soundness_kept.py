"""Work that was done before is not done again, and what is done now is shown as it comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from benchmarks.soundness_check import Checked
from fitgraph.api.output import Step

_Key = TypeVar("_Key")
_Result = TypeVar("_Result")


class Done:
    """What was checked before, a line of JSON each; a line that was cut off does not count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.known: dict[str, Checked] = {}
        for line in path.read_text().splitlines() if path.is_file() else ():
            try:
                one = Checked(**json.loads(line))
            except (ValueError, TypeError):
                continue
            self.known[one.key] = one

    def add(self, some: Iterable[Checked]) -> None:
        """Keeps what was sound; what failed is looked at again."""
        with self._path.open("a", encoding="utf-8") as file:
            for one in some:
                self.known[one.key] = one
                if not one.failure:
                    file.write(json.dumps(asdict(one)) + "\n")


def gathered(
    what: str,
    tasks: Mapping[_Key, Future[_Result]],
    step: Step,
    each: Callable[[_Result], None] = lambda _result: None,
) -> dict[_Key, _Result]:
    """Results in the order of the tasks; each is handed on as soon as it is there."""
    step(what, done=0, total=len(tasks))
    for done, task in enumerate(as_completed(tasks.values()), start=1):
        each(task.result())
        step(what, done=done, total=len(tasks))
    return {key: task.result() for key, task in tasks.items()}
