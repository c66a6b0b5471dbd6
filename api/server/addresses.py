"""Addresses of the server itself, as the client called it."""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request

from fitgraph.api.server.faults import RequestError

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def base_address(request: Request) -> str:
    """Scheme and host, without a slash at the end.

    Raises:
        RequestError: the host that the request names is none.
    """
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise RequestError("the Host of the request is none", hint="send a name, and a port")
    return f"{request.url.scheme}://{host}"
