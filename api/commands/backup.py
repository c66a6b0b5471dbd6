"""``fitgraph backup`` and ``fitgraph restore``: all of a store in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_json, progress


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    from fitgraph.api.commands.store import restore

    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")],
    server: Annotated[
        str | None,
        typer.Option(envvar="FITGRAPH_SERVER", help="Address of a running server to ask for it."),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="FITGRAPH_TOKEN", help="Bearer token of an admin of that server."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the graph and its files into one file, all of it or nothing, also of a running server.

    Tokens and settings are not in it. `fitgraph restore FILE` makes a store of it.
    """
    if server is None:
        from fitgraph.api.commands.store import backup as of_folder

        of_folder(context, file, as_json=as_json)
        return
    from fitgraph.api.client import Client

    with Client(server, token=token, timeout_s=3600.0) as client, progress("saving"):
        n_bytes = client.backup(file)
    if as_json:
        print_json({"bytes": n_bytes, "file": str(file)})
    else:
        out().print(f"saved {n_bytes:,} bytes into {file}", markup=False)
