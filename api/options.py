"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to stdout instead of a table.")]
RuntimeName = Annotated[str, typer.Option("--runtime", help="What executes the model.")]
Contexts = Annotated[
    list[str] | None,
    typer.Option(
        "--context", help="URL=FILE: a JSON-LD context that is not built in; may be repeated."
    ),
]


def read_contexts(pairs: list[str] | None) -> dict[str, object]:
    """Contexts by address, from URL=FILE."""
    from fitgraph.registry.thing_json import read_document

    contexts: dict[str, object] = {}
    for pair in pairs or ():
        address, _, file = pair.rpartition("=")
        if not address:
            raise typer.BadParameter(f"--context {pair} is not URL=FILE")
        said = read_document(Path(file)).value
        contexts[address] = said.get("@context", said)
    return contexts
