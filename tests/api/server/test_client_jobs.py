"""The client builds, derives, verifies, plans, and sets policies."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitgraph.api.client import Client, JobFailedError, ServerError
from fitgraph.api.jobs.record import State
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.errors import NotFoundError
from tests.api.server.test_plans import BOARD, FLEET, FORBIDDING
from tests.support.example_models import EXAMPLES, float_example
from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def client(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("jobs") / "store"
    shutil.copytree(first_store, folder)
    with running_server(folder) as http, Client(str(http.base_url)) as client:
        client.add_model(float_example("activity"), "activity")
        yield client


def test_from_a_float_model_to_verified_firmware(client: Client, tmp_path: Path) -> None:
    """A variant is made and judged, built with its progress told, proven, and verified."""
    samples = EXAMPLES / "activity"
    made = client.make_variant(
        "activity",
        "int8",
        name="small",
        calibration=(samples / "calibration.npz").read_bytes(),
        test=(samples / "test.npz").read_bytes(),
    )
    assert client.wait(made.id).result is not None
    (variant,) = client.list_variants()
    assert variant.accuracy_after is not None
    assert variant.accuracy_after > 0.9
    job = client.build("small", BOARD, package="cmake")
    stages = [one["stage"] for one in client.progress(job.id) if one["event"] == "stage"]
    assert "emulate" in stages
    done = client.wait(job.id)
    assert zipfile.is_zipfile(client.download(done.id, tmp_path / "small.zip"))
    assert "emulate" in client.log(done.id)
    assert client.explain("small", BOARD).verdict is Verdict.FITS
    verified = client.wait(client.verify_proof(done.proof).id)
    assert verified.result is not None
    assert verified.result["holds"] is True
    assert [one.kind for one in client.list_jobs(state="done")] == [
        "variant", "build", "verification",
    ]  # fmt: skip


def test_other_recipes_make_variants_and_measure_those_that_are_there(client: Client) -> None:
    """A pruned one, one with random calibration, and accuracy of what somebody else made."""
    pruned = client.wait(client.make_variant("activity", "prune", name="thin", rate=0.25).id)
    assert pruned.result is not None
    assert pruned.result["name"] == "thin"
    test = (EXAMPLES / "activity" / "test.npz").read_bytes()
    told = client.make_variant("activity", "measure", name="thin", test=test, said="by hand")
    assert client.wait(told.id).result is not None
    (lineage,) = [one for one in client.list_variants() if one.recipe == "by hand"]
    assert lineage.accuracy_before is not None


def test_what_fails_is_raised_with_its_reason(client: Client) -> None:
    with pytest.raises(NotFoundError):
        client.build("nowhere", BOARD)
    with pytest.raises(ServerError, match="ISA class"):
        client.build("activity")
    with pytest.raises(JobFailedError) as failed:
        client.wait(client.build("activity", BOARD, arena_budget=1).id)
    assert failed.value.problem == "arena-budget"
    assert failed.value.hint
    job = client.build("activity", BOARD)
    assert client.cancel(job.id).state is State.CANCELLED
    with pytest.raises(JobFailedError, match="cancelled"):
        client.wait(job.id)


def test_plans_and_policies_go_there_and_back(client: Client) -> None:
    fleet = FLEET.replace("[small]", "[activity]")
    plan = client.plan(fleet)
    assert client.get_plan("hall 1") == plan
    client.put_policy("kept", FORBIDDING)
    assert client.list_policies() == ("kept",)
    assert client.get_policy("kept") == FORBIDDING
    assert client.explain("activity", BOARD).verdict is Verdict.NO
    client.remove_policy("kept")
    assert client.list_policies() == ()
    client.remove_plan("hall 1")
    with pytest.raises(NotFoundError):
        client.get_plan("hall 1")
