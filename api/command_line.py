"""The ``fitgraph`` command: which model runs on which microcontroller, and what to flash."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from fitgraph.api import failure
from fitgraph.api.commands import (
    audit,
    backup,
    board,
    footprint,
    matching,
    mcu,
    model,
    ontology,
    plan,
    proof,
    prune,
    quantize,
    query,
    question,
    thing,
    token,
)
from fitgraph.api.commands import build as building
from fitgraph.api.commands import import_ as importing
from fitgraph.api.commands import passes as passing
from fitgraph.api.commands import profile as profiling
from fitgraph.api.commands import runtime as runtimes
from fitgraph.api.commands import serve as serving
from fitgraph.api.commands import store as stores
from fitgraph.api.commands import verify as verifying
from fitgraph.api.session import DEFAULT_STORE, Options

app = typer.Typer(
    name="fitgraph",
    help=(
        "Which machine-learning model runs on which microcontroller, with proof and firmware.\n\n"
        "Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 a tool failed."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    store: Annotated[
        str,
        typer.Option(
            envvar="FITGRAPH_STORE",
            help="Folder of the graph and the blobs, or URL of a SPARQL server.",
        ),
    ] = DEFAULT_STORE,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback when something fails.")
    ] = False,
) -> None:
    """Read what holds for every command."""
    context.obj = Options(store=store, debug=debug)


app.add_typer(model.app, name="model")
app.add_typer(board.app, name="board")
app.add_typer(mcu.app, name="mcu")
app.add_typer(proof.app, name="proof")
app.add_typer(thing.app, name="thing")
app.add_typer(importing.app, name="import")
app.add_typer(runtimes.app, name="runtime")
app.add_typer(ontology.app, name="ontology")
app.add_typer(question.app, name="question")
app.add_typer(plan.app, name="plan")
app.add_typer(stores.app, name="store")
app.add_typer(token.app, name="token")
matching.add_to(app)
quantize.add_to(app)
prune.add_to(app)
footprint.add_to(app)
building.add_to(app)
verifying.add_to(app)
passing.add_to(app)
profiling.add_to(app)
audit.add_to(app)
query.add_to(app)
serving.add_to(app)
backup.add_to(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    ordered = global_options_first(arguments)
    try:
        app(args=ordered, prog_name="fitgraph")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else failure.TOOL_FAILED
    except KeyboardInterrupt:
        return failure.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place where a traceback can be caught
        return failure.report(error, debug="--debug" in ordered)
    return failure.DONE


def main() -> None:
    """Entry point of the ``fitgraph`` script."""
    sys.exit(run(sys.argv[1:]))


def global_options_first(arguments: Sequence[str]) -> list[str]:
    """Move ``--store`` and ``--debug`` to the front, so that they may stand anywhere."""
    moved: list[str] = []
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            kept += [argument, *rest]
        elif argument == "--debug" or argument.startswith("--store="):
            moved.append(argument)
        elif argument == "--store":
            moved += [argument, *(value for value in [next(rest, None)] if value is not None)]
        else:
            kept.append(argument)
    return moved + kept
