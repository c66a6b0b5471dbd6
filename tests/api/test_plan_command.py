"""`fitgraph plan`: from a fleet file to a plan, its picture and its graph; scripts that plan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fitgraph.registry.store import EmbeddedStore
from tests.support.command import Command
from tests.support.made_up_graph import fill

EXAMPLES = Path(__file__).parents[2] / "examples" / "fleet"
FLEET = """
fleet: pumps
groups:
  - {name: hall, board: large, count: 1000, reserve: {RAM: 8 KiB}}
  - {name: yard, board: small, count: 100}
demands:
  - {name: listen, task: keyword spotting, models: [wake]}
"""
LOOK = "  - {name: look, task: visual wake words, models: [vision]}\n"


@pytest.fixture
def planned(fitgraph: Command) -> Command:
    """The command on a store with few made-up models and boards besides its own."""
    with EmbeddedStore.open(fitgraph.store / "graph") as store:
        fill(store)
    return fitgraph


def test_a_plan_is_shown_written_drawn_and_kept(planned: Command, tmp_path: Path) -> None:
    fleet, document, svg = (tmp_path / name for name in ("fleet.yaml", "plan.json", "plan.svg"))
    fleet.write_text(FLEET)
    ended = planned("plan", fleet, "--output", document, "--svg", svg, "--keep")
    assert ended.code == 0
    assert "1,100" in ended.out
    assert "fitgraph build wake --board small" in ended.out
    assert "0 canary" in ended.out
    shown = planned("plan", "show", document, "--json")
    assert [one["n_devices"] for one in shown.json["assignments"]] == [1000, 100]
    assert shown.json == planned("plan", fleet, "--json").json
    assert svg.read_text().startswith("<svg")
    with EmbeddedStore.open(planned.store / "graph", read_only=True) as store:
        assert store.has_graph("https://w3id.org/fitgraph/id/plan/pumps")
        assert store.has_graph("https://w3id.org/fitgraph/id/fleet/pumps")


def test_a_demand_that_is_not_met_is_a_no_with_its_reasons(
    planned: Command, tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET + LOOK)
    ended = planned("plan", "make", fleet)
    assert ended.code == 1
    assert "left out: 100 of yard for look: vision is the nearest" in ended.out
    assert "would help: " in ended.out


def test_a_plan_under_a_deadline_rests_on_estimates_only_if_it_may(
    planned: Command, tmp_path: Path
) -> None:
    """An estimate within the deadline is likely, which a fleet accepts or not."""
    fleet = tmp_path / "fleet.yaml"
    told = FLEET.replace("[wake]}", "[wake], deadline_ms: 1000}")
    fleet.write_text(told)
    assert planned("plan", fleet, "--json").json["assignments"] == []
    fleet.write_text(f"accept: likely\n{told}")
    ended = planned("plan", fleet, "--json")
    assert ended.code == 0
    assert {one["verdict"] for one in ended.json["assignments"]} == {"likely"}


def test_bad_files_are_named_with_what_to_do(planned: Command, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET.replace("board: large", "board: larg"))
    for arguments, words in (
        (("plan", fleet), "there is no board 'larg'"),
        (("plan", tmp_path / "nothing.yaml"), "cannot be read"),
        (("plan", "show", fleet), "is no plan"),
    ):
        ended = planned(*arguments)
        assert ended.code == 2
        assert words in ended.err
        assert "Traceback" not in ended.err


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_the_scripts_for_fleets_run(script: Path, planned: Command, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET + LOOK)
    arguments = [
        planned.store,
        *([fleet] if "FLEET" in script.read_text().split('"""')[1] else []),
    ]
    done = subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, check=True
    )
    assert {
        "match_catalogue": "240 pairs written",
        "plan_factory": "canary 0: ",
        "what_blocks": "100 devices of yard lack look",
    }[script.stem] in done.stdout
    assert 20 <= len(script.read_text().splitlines()) <= 40
