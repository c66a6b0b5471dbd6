"""Runs the server until it is told to end, then lets requests under way end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

import uvicorn

from fitgraph.api.access import TokenFile
from fitgraph.api.server.app import make_app
from fitgraph.api.server.directory import Directory
from fitgraph.api.server.event_log import EventLog
from fitgraph.api.server.folders import PlanFolder, PolicyFolder
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.hiring import hired
from fitgraph.api.server.http_protocol import BoundedProtocol
from fitgraph.api.server.listening import listening
from fitgraph.api.server.logs import LOGGER, log_to_stderr
from fitgraph.api.server.looks import Looks
from fitgraph.api.server.matching import Matching
from fitgraph.api.server.memory import share_arenas
from fitgraph.api.server.open_files import allow_streams
from fitgraph.api.server.openid import OpenId
from fitgraph.api.server.ranked_pairs import RankedPairs
from fitgraph.api.server.settings import Settings
from fitgraph.api.server.snapshots import Snapshots
from fitgraph.api.server.state import Server
from fitgraph.api.server.workers import Workers
from fitgraph.api.token_place import beside, token_path
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.endpoint import Place

_PATIENCE_S: Final = 5.0
#: Processes that read and compile models: while one builds remedies, the other does the rest.
_MAKERS: Final = 2
#: Of address space, of which a compiler takes much more than it uses.
_MAKER_MEMORY_BYTES: Final = 8 << 30
_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


class HttpServer(uvicorn.Server):
    """uvicorn, which says where it listens, and ends streams when it ends."""

    def __init__(self, config: uvicorn.Config, shared: Server) -> None:
        super().__init__(config)
        self._shared = shared

    @property
    def url(self) -> str:
        """Where it listens, which a port of 0 leaves open until then."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends on a signal without being killed by it afterwards: the store is to be closed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in _ENDING}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Says it is not ready, ends streams, which would not end by themselves, then all else."""
        self._shared.ending.set()
        await asyncio.sleep(self._shared.settings.drain_s)
        await self._shared.events.close()
        await self._shared.foreman.close()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            LOGGER.info("listening", extra={"fields": {"url": self.url, "process": os.getpid()}})


@contextmanager
def opened(where: Place, settings: Settings) -> Iterator[HttpServer]:
    """A server over a store, which nobody else can open meanwhile.

    Raises:
        StoreBusyError: somebody else has the store open.
    """
    with open_registry(where, patience_s=_PATIENCE_S) as registry:
        yield http_server(registry, where, settings)


def http_server(registry: Registry, where: Place, settings: Settings) -> HttpServer:
    """A server over an open registry.

    Raises:
        SettingsError: settings do not go together.
    """
    graph, events = Graph(registry, where), EventLog(settings.event_streams)
    snapshots = Snapshots(graph)
    makers = Workers(_MAKERS, settings.query_waiting, _MAKER_MEMORY_BYTES)
    matching = Matching(graph, Looks(graph, snapshots, makers))
    shared = Server(
        settings,
        graph,
        TokenFile(token_path(where, settings.tokens)),
        Workers(settings.query_workers, settings.query_waiting, settings.query_memory_bytes),
        snapshots,
        events,
        Directory(graph, events),
        uuid.uuid4().hex,
        matching,
        RankedPairs(matching),
        hired(graph, settings),
        PolicyFolder(beside(where) / "policies"),
        PlanFolder(beside(where) / "plans"),
        OpenId(settings) if settings.oidc_issuer else None,
    )
    app = make_app(shared)
    config = uvicorn.Config(
        app,
        http=partial(BoundedProtocol, head_timeout_s=settings.body_timeout_s),  # type: ignore[arg-type]
        ws="none",  # who asks for a web socket gets the resource, as RFC 9110, 7.8 has it
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_s,
    )
    return HttpServer(config, shared)


def serve(where: Place, settings: Settings) -> None:
    """Serves a store until an interrupt or SIGTERM.

    Raises:
        SettingsError: it cannot listen where it is to.
        StoreBusyError: somebody else has the store open.
    """
    share_arenas()
    with listening(settings.host, settings.port) as sockets:
        log_to_stderr(settings.log_format)
        settings = replace(settings, event_streams=allow_streams(settings.event_streams))
        with opened(where, settings) as server:
            server.run(sockets)
