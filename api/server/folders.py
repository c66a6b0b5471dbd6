"""Policies and plans as files beside the graph."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fitgraph.api.jobs.journal import write_whole
from fitgraph.api.plan_jobs import Rules
from fitgraph.matcher.fleet.plan_file import plan_from_json, plan_to_json
from fitgraph.matcher.fleet.records import Plan
from fitgraph.matcher.policy_graph import Pair
from fitgraph.registry.errors import NotFoundError

if TYPE_CHECKING:
    from fitgraph.matcher.index.levels import Truths

    _Asked = tuple[tuple[str, ...], tuple[str, ...], str]

#: Tables of what is forbidden that are kept.
_MOST_TABLES: Final = 32


class PolicyFolder:
    """The policies of a server, a Turtle file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Pair, tuple[str, ...]] = {}
        self._tables: dict[_Asked, Truths] = {}
        self._revision: tuple[int, ...] = ()

    def known(self, revision: tuple[int, ...]) -> dict[Pair, tuple[str, ...]]:
        """What pairs break, as far as that was found since a revision of the graph."""
        self._forget(revision)
        return self._known

    def tables(self, revision: tuple[int, ...]) -> dict[_Asked, Truths]:
        """Which pairs of models, boards and a runtime break a rule, likewise."""
        self._forget(revision)
        if len(self._tables) > _MOST_TABLES:
            self._tables.clear()
        return self._tables

    def rules(self) -> Rules:
        """All of them by name."""
        if not self._folder.is_dir():
            return {}
        return {one.stem: one.read_text(encoding="utf-8") for one in self._paths()}

    def put(self, name: str, text: str) -> bool:
        """Writes one, and says whether it is new."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.ttl"
        is_new, fresh = not path.exists(), path.with_suffix(".part")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
        return is_new

    def remove(self, name: str) -> None:
        """Deletes one."""
        (self._folder / f"{name}.ttl").unlink(missing_ok=True)

    def _forget(self, revision: tuple[int, ...]) -> None:
        if revision != self._revision:
            self._revision, self._known, self._tables = revision, {}, {}

    def _paths(self) -> list[Path]:
        return sorted(one for one in self._folder.iterdir() if one.suffix == ".ttl")


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """One plan in the list.

    Attributes:
        wanted: devices that the demands want, each counted once a demand.
        reached: of them.
        is_met: whether every demand is.
    """

    fleet: str
    made_at: str
    wanted: int
    reached: int
    assignments: int
    exclusions: int
    waves: int
    gap: float
    is_best: bool
    is_met: bool


class PlanFolder:
    """The plans of a server, a document each; the latest of a fleet takes the place of others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, plan: Plan, made_at: str) -> None:
        """Keeps a plan."""
        self._folder.mkdir(parents=True, exist_ok=True)
        told = {"made_at": made_at, "plan": json.loads(plan_to_json(plan))}
        write_whole(self._path(plan.fleet), json.dumps(told, ensure_ascii=False).encode())

    def get(self, fleet: str) -> tuple[Plan, str]:
        """The plan for a fleet, and when it was made.

        Raises:
            NotFoundError: there is none.
        """
        path = self._path(fleet)
        if not path.is_file():
            raise NotFoundError(f"there is no plan for {fleet!r:.100}", hint="/plans lists them")
        return _read(path)

    def remove(self, fleet: str) -> None:
        """Forgets the plan for a fleet."""
        self._path(fleet).unlink(missing_ok=True)

    def summaries(self) -> tuple[PlanSummary, ...]:
        """All plans."""
        paths = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        return tuple(_summary(*_read(path)) for path in paths)

    def _path(self, fleet: str) -> Path:
        return self._folder / f"{hashlib.sha256(fleet.encode()).hexdigest()}.json"


def _read(path: Path) -> tuple[Plan, str]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return plan_from_json(json.dumps(told["plan"])), str(told["made_at"])


def _summary(plan: Plan, made_at: str) -> PlanSummary:
    return PlanSummary(
        plan.fleet,
        made_at,
        sum(one.wanted for one in plan.coverage),
        sum(one.reached for one in plan.coverage),
        len(plan.assignments),
        len(plan.exclusions),
        len(plan.waves),
        plan.gap,
        plan.is_best,
        all(one.reached >= one.wanted for one in plan.coverage),
    )
