"""``fitgraph token``: who may do what with a server."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.access import Role
from fitgraph.api.options import AsJson
from fitgraph.api.output import err, out, print_json, print_table
from fitgraph.api.session import store_place

if TYPE_CHECKING:
    from fitgraph.api.access import TokenFile

app = typer.Typer(help="Tokens of a server: create, list and revoke.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What it is listed and revoked by.")]


@app.command()
def create(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="What its bearer may do; see docs/server.md.")],
    days: Annotated[
        float | None, typer.Option(min=0.0, help="After how many days it ends; never without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token. It is printed now and never again: only its digest is kept."""
    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)
    secret = _tokens(context).create(name, role, expires)
    if as_json:
        print_json({"name": name, "role": role, "token": secret})
        return
    out().print(secret, markup=False)
    err().print("keep it: it is not shown again")


@app.command("list")
def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens by name, with their roles; the tokens themselves are nowhere."""
    tokens = _tokens(context).tokens()
    if as_json:
        print_json([_shown(asdict(token)) for token in tokens])
        return
    print_table(
        "",
        ("token", "role", "created", "expires"),
        [(one.name, one.role, one.created, one.expires) for one in tokens],
    )


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Take a token back; a running server refuses it at once."""
    _tokens(context).revoke(name)
    out().print(f"revoked {name}", markup=False)


def _tokens(context: typer.Context) -> TokenFile:
    import os

    from fitgraph.api.access import TokenFile
    from fitgraph.api.server.settings import read_settings
    from fitgraph.api.token_place import token_path

    return TokenFile(token_path(store_place(context), read_settings(os.environ).tokens))


def _shown(token: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in token.items() if name != "sha256"}
