"""Plan documents: a plan as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.fleet.records import (
    Artifact,
    Assignment,
    Coverage,
    Exclusion,
    Plan,
    Wave,
    WavePart,
)
from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.bounded_files import read_bounded_text

FORMAT: Final = "fitgraph plan 1"
#: A plan of 100,000 assignments has less.
MAX_FILE_BYTES: Final = 64 << 20


class InvalidPlanError(MatchError):
    """A document is no plan."""

    code = "invalid-plan"


def plan_to_json(plan: Plan) -> str:
    """The plan document."""
    return json.dumps({"format": FORMAT, **asdict(plan)}, indent=2, ensure_ascii=False) + "\n"


def read_plan(path: Path) -> Plan:
    """The plan that a file holds.

    Raises:
        InvalidPlanError: it cannot be read, is too large, or holds none.
    """
    hint = "name a plan document"
    return plan_from_json(
        read_bounded_text(path, MAX_FILE_BYTES, InvalidPlanError, hint=hint, too_large=hint)
    )


def plan_from_json(text: str) -> Plan:
    """The plan that a document holds.

    Raises:
        InvalidPlanError: it holds none.
    """
    try:
        found = json.loads(text)
        if found.pop("format") != FORMAT:
            raise InvalidPlanError("the document is no plan", hint="fitgraph plan writes one")
        return Plan(
            **{
                **found,
                "assignments": tuple(map(_assignment, found["assignments"])),
                "exclusions": tuple(Exclusion(**one) for one in found["exclusions"]),
                "coverage": tuple(Coverage(**one) for one in found["coverage"]),
                "waves": tuple(map(_wave, found["waves"])),
                "notes": tuple(found.get("notes", ())),
            }
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidPlanError(
            "the document is no plan", hint="fitgraph plan FLEET.yaml --output writes one"
        ) from error


def _assignment(found: Mapping[str, Any]) -> Assignment:
    artifact = found["artifact"]
    return Assignment(
        **{
            **found,
            "verdict": Verdict(found["verdict"]),
            "artifact": None if artifact is None else Artifact(**artifact),
            "reserves": tuple((str(name), int(n)) for name, n in found.get("reserves", ())),
        }
    )


def _wave(found: Mapping[str, Any]) -> Wave:
    return Wave(**{**found, "parts": tuple(WavePart(**one) for one in found["parts"])})
