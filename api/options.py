"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to stdout instead of a table.")]
RuntimeName = Annotated[str, typer.Option("--runtime", help="What executes the model.")]
