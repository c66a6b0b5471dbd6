"""Keeps the long lists ready, so that nobody waits for them: after a start, and after each change.

What is asked for again and again is also not forgotten when many other pages are.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from fitgraph.api.server.collections import BOARDS, MCUS, MODELS
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.logs import LOGGER
from fitgraph.api.server.resources import Collection, records_of
from fitgraph.api.web.catalogues import CATALOGUES
from fitgraph.api.web.home_page import known_words
from fitgraph.api.web.list_page import in_default_order
from fitgraph.ontology.errors import FitgraphError

_LONG: Final[tuple[Collection[Any], ...]] = (BOARDS, MODELS, MCUS)
#: Seconds between looks at whether something has changed.
_EVERY_S: Final = 0.5
#: While much is written, the lists take a quarter of the time at most.
_REST: Final = 3.0
#: Devices write what they are again and again, and their list is short.
_LEFT_OUT: Final = "/things"


async def keep_lists_ready(graph: Graph) -> None:
    """Reads what lists and the search show, until it is cancelled."""
    while True:
        began = time.monotonic()
        try:
            await make_lists_ready(graph)
        except FitgraphError as error:
            LOGGER.warning("lists not ready", extra={"fields": {"reason": error.message}})
        await asyncio.sleep(max(_EVERY_S, _REST * (time.monotonic() - began)))


async def make_lists_ready(graph: Graph) -> None:
    """Reads what has changed of the long lists."""
    for collection in _LONG:
        await records_of(graph, collection)
        await in_default_order(graph, CATALOGUES[collection.path])
    await known_words(graph, _LEFT_OUT)
