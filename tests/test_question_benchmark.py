"""The benchmark of the competency questions has a value for each, and writes what it measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.question_values import is_answered
from benchmarks.questions import (
    BEGIN,
    END,
    NoPlaceError,
    Report,
    Timing,
    percentile,
    table,
    write_document,
)
from benchmarks.scale_records import boards_by_class
from fitgraph.ontology.questions import Question, questions

REPORT = Report(
    {"processor": "one"},
    1000,
    (Timing("fast", 1, 3, 1.0, 2.0, 1.5), Timing("slow", 2, 3, 60.0, 70.0, 65.0)),
)


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_every_question_can_be_measured(question: Question) -> None:
    assert is_answered(question), "give its variables values in benchmarks/question_values.py"


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(30, 0, -1)]
    assert percentile(values, 0.95) == 29.0
    assert percentile(values, 0.5) == 15.0
    assert percentile([7.0], 0.95) == 7.0


def test_the_note_says_how_many_questions_take_too_long() -> None:
    assert table(REPORT).note.startswith("1 of 2 questions take at most 50 ms")


def test_a_document_keeps_what_stands_around_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "figures.md"
    path.write_text(f"# Ours\n\n{BEGIN}\n\nold\n\n{END}\n\n## More\n", encoding="utf-8")
    write_document(REPORT, path)
    first = path.read_text(encoding="utf-8")
    assert first.startswith(f"# Ours\n\n{BEGIN}\n\nMeasured on: processor one.\n")
    assert "| CQ02 slow | 3 | 60.0 | 70.0 | 65.0 |" in first
    assert first.endswith(f"{END}\n\n## More\n")
    assert "old" not in first
    write_document(REPORT, path)
    assert path.read_text(encoding="utf-8") == first


def test_a_document_without_a_place_for_figures_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "prose.md"
    path.write_text("# Prose\n", encoding="utf-8")
    with pytest.raises(NoPlaceError):
        write_document(REPORT, path)
    assert path.read_text(encoding="utf-8") == "# Prose\n"


def test_models_are_proven_on_boards_of_many_classes() -> None:
    assert len(boards_by_class()) > 8
    assert all(boards_by_class().values())
