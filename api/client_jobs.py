"""What the client has to say of jobs, fleets and policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from fitgraph.api.client_http import Connection, ServerError, job_of
from fitgraph.api.jobs.record import Job, State, from_plain
from fitgraph.matcher.fleet.plan_file import FORMAT, plan_from_json
from fitgraph.matcher.fleet.records import Plan
from fitgraph.registry.variant import Variant


class JobFailedError(ServerError):
    """A job did not do what it was asked for; ``problem`` is the code of why."""

    code: ClassVar[str] = "job-failed"


class JobOperations(Connection):
    """Builds and other jobs, plans, policies."""

    # --- builds and other jobs ---------------------------------------------------------------

    def build(self, model: str, board: str | None = None, **options: Any) -> Job:
        """Queues a build with the options of ``fitgraph build``; arrays as bytes of .npz files."""
        return self._ordered("builds", {"model": model, "board": board, **options})

    def make_variant(self, model: str, recipe: str, **options: Any) -> Job:
        """Queues a recipe: ``int8``, ``int4``, ``int2``, ``prune``, ``measure``."""
        return self._ordered("variants", {"model": model, "recipe": recipe, **options})

    def verify_proof(self, reference: str) -> Job:
        """Queues that a proof is done again."""
        return job_of(self._send("POST", f"proofs/{quote(reference)}/verify"))

    def list_variants(self, **fields: str) -> tuple[Variant, ...]:
        """Lineage of all models that were derived from others."""
        return self._all("variants", Variant, fields)

    def list_jobs(self, **fields: str) -> tuple[Job, ...]:
        """All jobs, the oldest first; of those, what has these values in its fields."""
        return tuple(map(from_plain, self._pages_of("jobs", fields)))

    def getjob_of(self, job_id: str) -> Job:
        """A job as it stands."""
        return job_of(self._send("GET", f"jobs/{quote(job_id)}"))

    def cancel(self, job_id: str) -> Job:
        """Ends a job; nothing that is half done stays."""
        return job_of(self._send("DELETE", f"jobs/{quote(job_id)}"))

    def log(self, job_id: str) -> str:
        """What has happened to a job, a line each."""
        return self._send("GET", f"jobs/{quote(job_id)}/log").decode()

    def progress(self, job_id: str) -> Iterator[dict[str, Any]]:
        """Events of a job as they happen, until it ends: ``event`` and what it says."""
        seen = ""
        while not self.getjob_of(job_id).has_ended or not seen:
            for number, event in self._events(f"jobs/{quote(job_id)}/events", seen):
                seen = number
                yield event

    def wait(self, job_id: str) -> Job:
        """A job once it has ended.

        Raises:
            JobFailedError: it failed, or was cancelled.
        """
        for _ in self.progress(job_id):
            pass
        job = self.getjob_of(job_id)
        if job.state is not State.DONE:
            said = job.error or {"detail": f"the job was {job.state}"}
            raise JobFailedError(
                str(said["detail"]),
                hint=str(said.get("hint", "")),
                problem=str(said.get("code", "")),
            )
        return job

    def download(self, job_id: str, path: Path) -> Path:
        """Writes what a build delivered, a zip file."""
        path.write_bytes(self._send("GET", f"builds/{quote(job_id)}/artifact"))
        return path

    # --- fleets and policies -----------------------------------------------------------------

    def plan(self, fleet: str) -> Plan:
        """The plan for a fleet that YAML describes, which the server keeps."""
        return _plan(self._send("POST", "plans", fleet.encode(), "application/yaml"))

    def get_plan(self, fleet: str) -> Plan:
        """The plan for a fleet that was made last."""
        return _plan(self._send("GET", f"plans/{quote(fleet)}"))

    def remove_plan(self, fleet: str) -> None:
        """Forgets the plan for a fleet."""
        self._send("DELETE", f"plans/{quote(fleet)}")

    def list_policies(self) -> tuple[str, ...]:
        """Names of all policies."""
        return tuple(one["name"] for one in json.loads(self._send("GET", "policies"))["items"])

    def get_policy(self, name: str) -> str:
        """A policy as Turtle."""
        return self._send("GET", f"policies/{quote(name)}").decode()

    def put_policy(self, name: str, turtle: str) -> None:
        """Puts a policy in place, which holds from then on."""
        self._send("PUT", f"policies/{quote(name)}", turtle.encode(), "text/turtle")

    def remove_policy(self, name: str) -> None:
        """Removes a policy."""
        self._send("DELETE", f"policies/{quote(name)}")


def _plan(content: bytes) -> Plan:
    said = json.loads(content)
    return plan_from_json(
        json.dumps({"format": FORMAT, **{n: v for n, v in said.items() if n != "made_at"}})
    )
