"""``fitgraph serve``: the store over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from fitgraph.api.session import store_place


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 127.0.0.1 without it.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 8000 without it, 0 takes any.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings; see docs/server.md.")
    ] = None,
) -> None:
    """Serve the store over HTTP until it is interrupted. No other process can open it meanwhile.

    The log goes to standard error, a JSON object a line.
    """
    from fitgraph.api.first_use import fill
    from fitgraph.api.server.serving import serve as run
    from fitgraph.api.server.settings import read_settings

    settings = read_settings(os.environ, config, host=host, port=port)
    fill(where := store_place(context))
    run(where, settings)
