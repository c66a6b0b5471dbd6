"""``fitgraph import``: brings in what other people wrote down, one source a command."""

from __future__ import annotations

import typer

app = typer.Typer(help="Bring in devices and models that others describe.", no_args_is_help=True)
