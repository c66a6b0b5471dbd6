"""How many connections the server's process may have: each takes an open file of the system."""

from __future__ import annotations

import sys
from typing import Final

from fitgraph.api.server.logs import LOGGER

#: For requests, the store's files, and workers, besides streams of events.
_BESIDES: Final = 1024
#: A share of what there is, where that is less than this takes.
_LEAST_SHARE: Final = 4


def allow_streams(wanted: int) -> int:
    """Asks the system for open files, and tells how many streams of events there may be then.

    Streams that took the last open file would keep everybody else out.
    """
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit, streams = streams_within(wanted, soft, hard)
    if limit != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if streams < wanted:
        fields = {"event_streams": streams, "asked": wanted, "open_files": limit}
        LOGGER.warning("fewer streams than configured", extra={"fields": fields})
    return streams


def streams_within(wanted: int, soft: int, hard: int) -> tuple[int, int]:
    """The limit of open files to ask for, and how many streams leave enough for all else.

    Args:
        wanted: streams.
        soft: limit that holds now; negative if there is none.
        hard: limit that one may ask for; likewise.
    """
    needed = wanted + _BESIDES
    if soft < 0 or soft >= needed:
        return soft, wanted
    limit = needed if hard < 0 else min(needed, hard)
    rest = max(limit - _BESIDES, limit // _LEAST_SHARE)
    return limit, min(wanted, rest)
