"""Who changed what in the graph, and when."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from fitgraph.registry.iris import Iri, agent_iri, change_iri
from fitgraph.registry.triples.terms import utc_text

#: So many resources of each sort are named; an import of a catalogue has thousands.
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is written.

    Attributes:
        agent: name of who asked for it.
        issuer: who knows the agent by this name; empty for this installation itself.
        operation: what was asked for, such as ``add_board``.
        request_id: of the request, a UUID; empty where there was none.
    """

    agent: str
    issuer: str = ""
    operation: str = ""
    request_id: str = ""

    @property
    def agent_iri(self) -> Iri:
        return agent_iri(self.agent, self.issuer)


@dataclass(frozen=True, slots=True)
class Change:
    """One write to the graph; at most ``MOST_NAMED`` resources of each sort are named.

    Attributes:
        iri: later changes have greater ones.
        at: time in UTC (ISO 8601).
        agent: IRI of who asked for it.
        agent_name: as it was then.
        generated: resources that were not there before.
        used: resources whose content gave way to another.
        invalidated: resources that are gone.
        affected_resources: how many there are of all three; None where that was not looked at.
    """

    iri: Iri
    at: str
    agent: Iri
    agent_name: str
    operation: str = ""
    request_id: str = ""
    generated: tuple[Iri, ...] = ()
    used: tuple[Iri, ...] = ()
    invalidated: tuple[Iri, ...] = ()
    affected_resources: int | None = None


def change_key(moment: datetime) -> str:
    """What the IRIs of changes at a moment begin with; a later moment has a greater one."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def new_change(cause: Cause, moment: datetime) -> Change:
    """A change that has not touched anything yet."""
    return Change(
        iri=change_iri(f"{change_key(moment)}-{secrets.token_hex(4)}"),
        at=utc_text(moment),
        agent=cause.agent_iri,
        agent_name=cause.agent,
        operation=cause.operation,
        request_id=cause.request_id,
    )
