"""Where the server listens."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fitgraph.api.server.settings import SettingsError


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets at all addresses that a host's name has.

    Args:
        port: 0 takes any that is free, one for each address.

    Raises:
        SettingsError: there is no such address here, or somebody else listens there.
    """
    with ExitStack() as opened:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            places = dict.fromkeys((family, address) for family, _, _, _, address in found)
            sockets = [
                opened.enter_context(socket.create_server(address, family=family))
                for family, address in places
            ]
        except OSError as error:
            raise SettingsError(
                f"nothing can listen at {host} on port {port}: {error.strerror or error}",
                hint="choose another --host or --port",
            ) from error
        yield sockets
