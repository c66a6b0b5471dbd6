"""``fitgraph store``: is everything there, what is left over, and all of it in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fitgraph.api.failure import ANSWER_IS_NO
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_fields, print_json, print_table, progress
from fitgraph.api.session import reading, store_place, writing

app = typer.Typer(help="Check, clean, save and restore the store.", no_args_is_help=True)


@app.command()
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Look whether all files that the graph speaks of are there and whole.

    Ends with 1 when one is missing or damaged.
    """
    with progress("reading the files"), reading(context) as registry:
        health = registry.check_blobs()
    if as_json:
        print_json(health)
    else:
        groups = {"unused": health.unused, "missing": health.missing, "damaged": health.damaged}
        print_fields({"files": health.n_blobs, **{name: len(g) for name, g in groups.items()}})
        rows = [(name, digest) for name, digests in groups.items() for digest in digests]
        if rows:
            print_table("", ("state", "sha256"), rows)
    if not health.is_sound:
        raise typer.Exit(ANSWER_IS_NO)


@app.command()
def clean(context: typer.Context, as_json: AsJson = False) -> None:
    """Delete files that no graph speaks of, as a killed command leaves them.

    With a SPARQL server, which others may be writing to, files younger than an hour stay.
    """
    from fitgraph.registry.housekeeping import MIN_AGE_S

    is_alone = isinstance(store_place(context), Path)
    with progress("looking for files without use"), writing(context) as registry:
        deleted = registry.delete_unused_blobs(0.0 if is_alone else MIN_AGE_S)
    if as_json:
        print_json({"deleted": deleted})
    else:
        out().print(f"deleted {len(deleted):,} file{'s' * (len(deleted) != 1)}")


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")],
    as_json: AsJson = False,
) -> None:
    """Write the graph and its files into one file: all of it or nothing."""
    from fitgraph.api.first_use_note import read_note

    note = read_note(store_place(context))
    with progress("writing the backup"), reading(context) as registry:
        done = registry.write_backup(file, {"content": note.content, "boards": note.boards})
    _tell("saved", done.n_graphs, done.n_triples, done.n_blobs, as_json=as_json)


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `fitgraph store backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Make a store from a backup: all of it or nothing. The store must be empty, or not there."""
    from fitgraph.api.first_use_note import Note, write_note
    from fitgraph.registry.catalogue import open_registry

    where = store_place(context)
    # Not by way of ``writing``, which would put the built-in boards in first.
    with progress("restoring"), open_registry(where) as registry:
        done = registry.read_backup(file)
    notes = done.notes
    write_note(where, Note(str(notes["content"]), tuple(map(str, notes["boards"]))))
    _tell("restored", done.n_graphs, done.n_triples, done.n_blobs, as_json=as_json)


def _tell(what: str, n_graphs: int, n_triples: int, n_blobs: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"graphs": n_graphs, "triples": n_triples, "files": n_blobs})
    else:
        out().print(f"{what} {n_graphs:,} graphs of {n_triples:,} triples, and {n_blobs:,} files")
