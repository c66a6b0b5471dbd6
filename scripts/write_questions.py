"""Writes docs/questions.md: ``python -m scripts.write_questions``."""

from __future__ import annotations

import sys
from pathlib import Path

from fitgraph.ontology.questions import Question, questions

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "questions.md"
MARKER = "<!-- below: written by `python -m scripts.write_questions` -->\n"
_HEADINGS = ("| | question | name | takes |", "|---|---|---|---|")


def document(before: str) -> str:
    """The document with the list below its marker.

    Args:
        before: the document as it is.
    """
    prose, _, _ = before.partition(MARKER)
    lines = [_row(question) for question in questions()]
    return prose + MARKER + "\n" + "\n".join((*_HEADINGS, *lines)) + "\n"


def _row(question: Question) -> str:
    takes = ", ".join(f"`{name}`" for name in question.binds) or "–"
    link = f"[`{question.name}`](../ontology/competency/{question.name}.rq)"
    return f"| CQ{question.number:02} | {question.text} | {link} | {takes} |"


def main() -> None:
    """Rewrite the document."""
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT}: {len(questions())} questions\n")


if __name__ == "__main__":
    main()
