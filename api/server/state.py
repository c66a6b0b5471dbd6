"""What the routers share: settings, the graph, the tokens."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

from fastapi import Request

from fitgraph.api.access import TokenFile
from fitgraph.api.jobs.foreman import Foreman
from fitgraph.api.server.arrow import PairStreams
from fitgraph.api.server.directory import Directory
from fitgraph.api.server.event_log import EventLog
from fitgraph.api.server.figures import Metrics
from fitgraph.api.server.folders import PlanFolder, PolicyFolder
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.matching import Matching
from fitgraph.api.server.openid import OpenId
from fitgraph.api.server.ranked_pairs import RankedPairs
from fitgraph.api.server.settings import Settings
from fitgraph.api.server.snapshots import Snapshots
from fitgraph.api.server.workers import Workers


@dataclass(frozen=True, slots=True)
class Server:
    """One running server.

    Attributes:
        graph: the only way to the store.
        tokens: who may do what.
        openid: verifies tokens of an issuer; None where none is configured.
        workers: for what may take too long.
        snapshots: what they look at.
        events: of things.
        directory: changes to things.
        matching: which model runs on which board.
        ranked_pairs: with their figures.
        foreman: of the jobs.
        policies: that no match and no plan may break.
        plans: of fleets.
        metrics: counts of requests.
        pair_streams: tables of all pairs that are being sent.
        ending: set when the server was told to end.
        backing_up: held while a backup is made.
        started: a text of this run, so that what is counted in it has another tag in the next.
    """

    settings: Settings
    graph: Graph
    tokens: TokenFile
    workers: Workers
    snapshots: Snapshots
    events: EventLog
    directory: Directory
    started: str
    matching: Matching
    ranked_pairs: RankedPairs
    foreman: Foreman
    policies: PolicyFolder
    plans: PlanFolder
    openid: OpenId | None = None
    metrics: Metrics = field(default_factory=Metrics)
    pair_streams: PairStreams = field(default_factory=PairStreams)
    ending: threading.Event = field(default_factory=threading.Event)
    backing_up: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def knows_callers(self) -> bool:
        """Whether anybody can show who they are, so that not everybody here may do everything."""
        return self.openid is not None or bool(self.tokens.tokens())


def server_of(request: Request) -> Server:
    """The server that a request came to."""
    found = request.app.state.server
    assert isinstance(found, Server)
    return found
