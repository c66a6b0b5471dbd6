"""Competency questions: what a knowledge graph must be able to tell, one ``.rq`` file each.

A file opens with its number and question, what its variables are bound to, and its columns::

    # CQ05: From which models does a model descend, by which recipes, and what did each cost?
    # Binds: ?model (a model)
    # Returns: ?model ?ancestor ?recipe, and where it was measured ?metric ?before ?after
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import COMPETENCY_FOLDER

_VARIABLES: Final = r"(?:\?\w+ \([^)]+\) ?)+"
_HEADER: Final = re.compile(
    r"CQ(?P<number>\d{2,}): (?P<text>[^?]+\?)"
    rf"(?: Binds: (?P<binds>{_VARIABLES}))?"
    rf"(?: *May bind: (?P<may_bind>{_VARIABLES}))? *Returns: (?P<returns>.+)"
)
# Longer numbers are a slip, and slow to read.
_MAX_DIGITS: Final = 6
_BINDING: Final = re.compile(r"\?(\w+) \(an? ([^)]+)\)")


@dataclass(frozen=True, slots=True)
class Question:
    """One competency question.

    Attributes:
        name: of its file, without ``.rq``.
        number: unique; never given to another question.
        text: the question in words.
        binds: variables that it needs, and what each is: ``model``, ``whole number``, ``text``.
        may_bind: variables that it takes besides, likewise.
        returns: what it answers with, and remarks, in words.
        sparql: the query, with its header.
    """

    name: str
    number: int
    text: str
    binds: Mapping[str, str]
    may_bind: Mapping[str, str]
    returns: str
    sparql: str


@cache
def questions() -> tuple[Question, ...]:
    """All competency questions by number."""
    found = (_read(path) for path in COMPETENCY_FOLDER.glob("*.rq"))
    return tuple(sorted(found, key=lambda question: question.number))


def _read(path: Path) -> Question:
    sparql = path.read_text(encoding="utf-8")
    comment = " ".join(line[2:] for line in sparql.splitlines() if line.startswith("# "))
    header = _HEADER.fullmatch(re.sub(r" +", " ", comment))
    if header is None:
        raise OntologyError(
            f"{path.name} does not open as a competency question does",
            hint="its first lines are '# CQ01: ...?', '# Binds: ?x (a model)', '# Returns: ?y'",
        )
    return Question(
        name=path.stem,
        number=int(header["number"]),
        text=header["text"],
        binds=dict(_BINDING.findall(header["binds"] or "")),
        may_bind=dict(_BINDING.findall(header["may_bind"] or "")),
        returns=header["returns"],
        sparql=sparql,
    )


def question_named(name: str) -> Question:
    """The question of this name or number: ``operators-of-a-model``, ``CQ02``, ``2``.

    Raises:
        OntologyError: there is none; the hint offers the nearest names.
    """
    digits = name.upper().removeprefix("CQ")
    number = int(digits) if digits.isdecimal() and len(digits) < _MAX_DIGITS else None
    for question in questions():
        if name == question.name or number == question.number:
            return question
    near = get_close_matches(name, [question.name for question in questions()], cutoff=0.3)
    raise OntologyError(
        f"there is no question {name!r}",
        hint=f"did you mean {' or '.join(near)}?" if near else "fitgraph question list",
    )
