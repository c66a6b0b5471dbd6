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
            # The port is put in afterwards: getaddrinfo would take 70000 for 4464.
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            places = dict.fromkeys((family, address) for family, _, _, _, address in found)
            sockets = [
                opened.enter_context(
                    socket.create_server((address[0], port, *address[2:]), family=family)
                )
                for family, address in places
            ]
        # A name that no host can have is a ValueError, a port past 65,535 an OverflowError.
        except (OSError, ValueError, OverflowError) as error:
            raise SettingsError(
                f"nothing can listen at {host} on port {port}: "
                f"{getattr(error, 'strerror', None) or error}",
                hint="choose another --host or --port",
            ) from error
        for one in sockets:
            # Connections inherit it; asyncio sets it only where sockets name a protocol. Without
            # it the end of a response waits 40 ms until the client says that it has the beginning.
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield sockets
