"""What the routers share: settings, the graph, the tokens."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from fitgraph.api.access import TokenFile
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.settings import Settings


@dataclass(frozen=True, slots=True)
class Server:
    """One running server.

    Attributes:
        graph: the only way to the store.
        tokens: who may do what.
    """

    settings: Settings
    graph: Graph
    tokens: TokenFile


def server_of(request: Request) -> Server:
    """The server that a request came to."""
    found = request.app.state.server
    assert isinstance(found, Server)
    return found
