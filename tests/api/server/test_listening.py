"""Where the server listens, and what is said where it cannot."""

from __future__ import annotations

import socket

import pytest

from fitgraph.api.server.listening import listening
from fitgraph.api.server.settings import SettingsError
from tests.support.command import Command


def test_a_port_that_somebody_listens_on_is_said_in_one_sentence(fitgraph: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = fitgraph("serve", "--port", str(port))
    assert done.code == 2
    assert f"error: nothing can listen at 127.0.0.1 on port {port}: " in done.err
    assert "hint: choose another --host or --port" in done.err


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.1", 0), ("300.1.1.1", 0), ("a" * 70, 0), ("127.0.0.1", 70_000)]
)
def test_a_place_that_is_not_here_is_refused(host: str, port: int) -> None:
    with pytest.raises(SettingsError, match=f"at {host} on port {port}"), listening(host, port):
        pass


def test_any_port_is_a_free_one_and_is_let_go_afterwards() -> None:
    with listening("127.0.0.1", 0) as (one,):
        address = one.getsockname()
        with socket.create_connection(address):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_the_end_of_a_response_does_not_wait_until_the_client_has_the_beginning() -> None:
    """A small packet is sent at once (TCP_NODELAY), on every connection that is taken."""
    with (
        listening("127.0.0.1", 0) as (one,),
        socket.create_connection(one.getsockname()),
        one.accept()[0] as taken,
    ):
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
