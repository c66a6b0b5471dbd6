"""The application: one router a file, and what holds for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from fitgraph.api.server import (
    backups,
    builds,
    changes,
    collections,
    events,
    health,
    identifiers,
    jobs,
    matches,
    metrics,
    model_files,
    plans,
    policies,
    problem_responses,
    rankings,
    sparql,
    thing_search,
    things,
    uploads,
    well_known,
)
from fitgraph.api.server.forms import Forms
from fitgraph.api.server.guard import identify
from fitgraph.api.server.requests import Requests
from fitgraph.api.server.resources import router_of
from fitgraph.api.server.state import Server
from fitgraph.api.web.pages import ROUTERS as PAGES
from fitgraph.api.web.readiness import keep_lists_ready

_EXPOSED: Final = ("ETag", "Link", "Location", "Retry-After", "X-Request-Id")
_ROUTERS: Final = (
    health.router,
    metrics.router,
    sparql.router,
    things.router,
    thing_search.router,
    events.router,
    well_known.router,
    matches.router,
    rankings.router,
    model_files.router,
    builds.router,
    *jobs.routers(),
    plans.router,
    policies.router,
    *(router_of(one) for one in collections.ALL),
    uploads.router,
    identifiers.router,
    changes.router,
    backups.router,
)


def make_app(server: Server) -> FastAPI:
    """The application over what a server shares."""
    app = FastAPI(
        title="fitgraph",
        summary="Which machine-learning model runs on which microcontroller, with proof.",
        version=version("fitgraph"),
        docs_url=None,  # these pages fetch scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        responses=problem_responses.RESPONSES,
        dependencies=[Depends(identify)],
    )
    app.state.server = server
    for router in (*PAGES, *_ROUTERS):  # pages first: they leave what wants data to the others
        app.include_router(router)
    problem_responses.install(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=server.settings.cors_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=_EXPOSED,
        max_age=600,
    )
    app.add_middleware(Forms)
    app.add_middleware(Requests)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests."""
    server: Server = app.state.server
    await asyncio.gather(server.workers.start(), server.matching.looks.workers.start())
    await server.foreman.start()
    purging = asyncio.create_task(server.directory.keep_purged(server.settings.purge_every_s))
    forgetting = asyncio.create_task(changes.keep_short(server.graph, server.settings))
    matching = asyncio.create_task(server.matching.keep_ready())
    listing = asyncio.create_task(keep_lists_ready(server.graph))
    try:
        yield
    finally:
        purging.cancel()
        forgetting.cancel()
        await server.foreman.stop(server.settings.shutdown_s)
        matching.cancel()
        listing.cancel()
        await asyncio.gather(matching, listing, return_exceptions=True)
        await asyncio.gather(server.workers.stop(), server.matching.looks.workers.stop())
        server.snapshots.close()
