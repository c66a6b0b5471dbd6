"""What shows that verdicts are sound finds those that are not; the slow one holds real pairs."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.models import shared_data
from benchmarks.soundness import BEGIN, END, write_document
from benchmarks.soundness_check import Built, links_as_said
from benchmarks.soundness_kept import Done
from benchmarks.soundness_pairs import Kind, Pair, at_the_limit, distinct, linkable
from benchmarks.soundness_run import Count, Report, Wishes, soundness
from fitgraph.compiler_bridge.build import build_for_class, footprint_of
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.matcher.placement import place
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board, RegionKind
from tests.support.hand_written_code import layer_code
from tests.support.made_up_boards import KIB, board, flash, sram

ISA_CLASS = "armv6-m"
ROOMY = board(ISA_CLASS, flash(64 * KIB), sram(16 * KIB))
TIGHT = board(ISA_CLASS, flash(64 * KIB), sram(640))
# The arena takes 512 bytes and stands for itself in the first; stack and static data in the second.
IN_TWO = board(ISA_CLASS, flash(64 * KIB), sram(640), sram(640, 0x2001_0000, name="SRAM2"))

#: Of the shared data: int8, float and uint8, of both formats.
SOME = ("kws_ref", "sine_float", "okay_nabu", "Magic_Wand_1", "model-4d8239dd", "digits")
CLASSES = ("armv6-m", "armv7e-m+fp", "armv8-m.main+dsp+fp", "rv32imac")


@pytest.fixture(scope="module")
def built() -> Built:
    build = build_for_class(layer_code(), ISA_CLASS)
    return Built(layer_code(), build.objects, footprint_of(build, "0" * 64, RUNTIME_NAME))


def pair(where: Board, verdict: Verdict) -> Pair:
    return Pair("0" * 64, where, Kind.AS_IT_IS, verdict)


def test_a_fit_that_does_not_link_is_unsound(built: Built) -> None:
    assert links_as_said(built, pair(ROOMY, Verdict.FITS)).failure == ""
    assert "does not link" in links_as_said(built, pair(TIGHT, Verdict.FITS)).failure


def test_a_no_that_links_in_whatever_regions_is_unsound(built: Built) -> None:
    assert links_as_said(built, pair(TIGHT, Verdict.NO)).failure == ""
    for where in (ROOMY, IN_TWO):
        assert "it links with FLASH" in links_as_said(built, pair(where, Verdict.NO)).failure


def test_each_limit_is_tried_from_both_sides(built: Built) -> None:
    asked = list(at_the_limit([ROOMY], built.footprint, random.Random(0)))
    assert len(asked) == 8
    held = [place(built.footprint, one.board) is not None for one in asked]
    assert held == [True, False] * 4
    for one, holds in zip(asked, held, strict=True):
        verdict = Verdict.FITS if holds else Verdict.NO
        assert links_as_said(built, pair(one.board, verdict)).failure == ""


def test_a_region_without_address_gets_one_and_a_missing_kind_is_ample() -> None:
    (only,) = linkable(board(ISA_CLASS, replace(sram(KIB), base_address=None))).regions_of(
        RegionKind.SRAM
    )
    assert only.base_address is not None
    assert linkable(board(ISA_CLASS, sram(KIB))).regions_of(RegionKind.FLASH)


def test_boards_that_differ_in_name_alone_are_one() -> None:
    same = replace(ROOMY, board_id="a-twin")
    assert distinct([ROOMY, TIGHT, same]) == (same, TIGHT)


def test_a_run_goes_on_where_one_was_cut_off(tmp_path: Path, built: Built) -> None:
    kept = tmp_path / "links.jsonl"
    sound = links_as_said(built, pair(ROOMY, Verdict.FITS))
    wrong = links_as_said(built, pair(TIGHT, Verdict.FITS))
    Done(kept).add([sound, wrong])
    with kept.open("a") as file:
        file.write('{"key": "cut o')
    assert Done(kept).known == {sound.key: sound}


def report(**figures: Any) -> Report:
    known: dict[str, Any] = {
        "machine": {}, "models": 1, "refused": {}, "boards": 3, "layouts": 2,
        "verdicts": {"fits": 1, "no": 2}, "checked": (Count("as it is", ISA_CLASS, "fits", 1),),
        "links": 4, "runs": 1, "failures": (), "seconds": 1.0,
    }  # fmt: skip
    return Report(**{**known, **figures})


def test_the_figures_of_a_document_stand_between_its_marks(tmp_path: Path) -> None:
    document = tmp_path / "matching.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_document(report(), document)
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| armv6-m | 1 | 0 |" in text
    assert "old" not in text


def silent(now: str, *, done: int | None = None, total: int | None = None) -> None:
    """Shows nothing."""


@pytest.mark.slow
def test_what_fits_links_and_runs_and_what_does_not_fit_does_not_link(tmp_path: Path) -> None:
    """A few models on all boards, by the program that holds all of them: a minute or two."""
    models = SOME if shared_data() is not None else ()
    wishes = Wishes(models, CLASSES, pairs=1000, runs=24)
    found = soundness(wishes, tmp_path, silent)
    assert found.failures == ()
    assert found.runs == 24
    # As many as there are of these models; of ours alone where there are no others.
    assert found.pairs() == 778 or (not models and found.pairs())
    assert json.loads(json.dumps(dict(found.verdicts))).keys() == {str(one) for one in Verdict}
    seen = {(one.kind, one.verdict) for one in found.checked}
    assert seen == {(kind, verdict) for kind in Kind for verdict in ("fits", "no")}
