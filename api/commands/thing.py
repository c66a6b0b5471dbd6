"""``fitgraph thing``: Thing Descriptions of devices, and Thing Models."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.options import AsJson, Contexts, read_contexts
from fitgraph.api.output import err, out, print_json, print_table, to_json
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fitgraph.registry.thing import Finding
    from fitgraph.registry.thing_json import JsonDocument

app = typer.Typer(
    help="Things: devices by their W3C Thing Descriptions, and Thing Models.",
    no_args_is_help=True,
)

ThingId = Annotated[str, typer.Argument(help="Id of the thing, or its title if no other has it.")]
File = Annotated[
    str,
    typer.Argument(help="A Thing Description or Thing Model, in JSON or Turtle; - reads stdin."),
]


class Format(StrEnum):
    """How a thing is shown."""

    JSON = "json"
    JSONLD = "jsonld"
    TURTLE = "turtle"
    NTRIPLES = "ntriples"


@app.command()
def add(
    context: typer.Context,
    file: File,
    contexts: Contexts = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in place of what has the same id.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a Thing Description or a Thing Model; its link of rel type says which board it is.

    The Thing Model of a board is added as that board.
    """
    from fitgraph.registry.thing_board import board_from_model, is_board_model
    from fitgraph.registry.thing_warnings import thing_warnings

    document, notes = _document(file)
    known = read_contexts(contexts)
    with writing(context) as registry:
        if is_board_model(document):
            added = registry.add_board(board_from_model(document, known), replace=replace)
        else:
            added = registry.add_thing(document, replace=replace, contexts=known)
    _warn((*notes, *thing_warnings(document.value)))
    if as_json:
        print_json(added)
        return
    out().print(f"{'added' if added.is_new else 'known already:'} {added.iri}", markup=False)


@app.command()
def validate(
    context: typer.Context, file: File, contexts: Contexts = None, as_json: AsJson = False
) -> None:
    """Check a Thing Description or Thing Model, and write nothing."""
    from fitgraph.registry.thing_warnings import thing_warnings
    from fitgraph.registry.triples.thing import anonymous_iri, document_to_triples

    document, notes = _document(file)
    with reading(context) as registry:
        registry.check_thing(document)
    count = len(
        tuple(document_to_triples(document, anonymous_iri(document.text), read_contexts(contexts)))
    )
    warnings = (*notes, *thing_warnings(document.value))
    if as_json:
        print_json({"file": document.name, "triples": count, "warnings": warnings})
        return
    _warn(warnings)
    out().print(f"{document.name} is valid: {count:,} triples", markup=False)


@app.command("list")
def list_things(
    context: typer.Context,
    board: Annotated[str | None, typer.Option(help="Only devices of this board.")] = None,
    as_json: AsJson = False,
) -> None:
    """List all things, or the devices of one board."""
    from fitgraph.registry.iris import key_of

    with reading(context) as registry:
        things = registry.list_things(board=board)
    if as_json:
        print_json(things)
        return
    print_table(
        "",
        ("thing", "title", "is", "board"),
        [
            (t.iri, t.title or None, "model" if t.is_model else "thing",
             key_of(t.board) if t.board else None)
            for t in things
        ],
    )  # fmt: skip


@app.command()
def show(
    context: typer.Context,
    thing: ThingId,
    form: Annotated[
        Format,
        typer.Option(
            "--format", help="json: as it was handed in; the others: written from its triples."
        ),
    ] = Format.JSON,
) -> None:
    """Show a thing: its description as it was handed in, or what its triples say."""
    from pyoxigraph import RdfFormat, serialize

    with reading(context) as registry:
        if form is Format.JSON:
            sys.stdout.write(registry.get_thing(thing).document + "\n")
            return
        if form is Format.JSONLD:
            sys.stdout.write(to_json(registry.written_thing(thing)))
            return
        triples = sorted(registry.thing_triples(thing), key=str)
        prefixes = registry.thing_prefixes(thing)
    wanted = RdfFormat.TURTLE if form is Format.TURTLE else RdfFormat.N_TRIPLES
    written = serialize(triples, format=wanted, prefixes=prefixes)
    assert written is not None
    sys.stdout.write(written.decode("utf-8"))


@app.command()
def remove(context: typer.Context, thing: ThingId) -> None:
    """Remove a thing with its description."""
    with writing(context) as registry:
        removed = registry.remove_thing(thing)
    out().print(f"removed {removed}", markup=False)


def _document(file: str) -> tuple[JsonDocument, tuple[Finding, ...]]:
    """The description in a file, with notes on what another form of it said otherwise.

    From stdin, what does not begin as JSON is read as Turtle.
    """
    from fitgraph.registry.thing_json import MAX_BYTES, parse_document, read_content, read_document
    from fitgraph.registry.thing_rdf import FORMATS, read_rdf

    path = Path(file)
    if file == "-":
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
            return parse_document(content, "stdin"), ()
        described = read_rdf(content, "stdin")
    elif path.suffix.lower() in FORMATS:
        described = read_rdf(read_content(path), path.name, FORMATS[path.suffix.lower()])
    else:
        return read_document(path), ()
    return described.document, described.notes


def _warn(warnings: Sequence[Finding]) -> None:
    for warning in warnings:
        err().print(f"warning: {warning}", markup=False)
