"""``fitgraph import boards``: boards and microcontrollers from files of other tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.options import AsJson, Contexts, read_contexts
from fitgraph.api.output import print_fields, print_json, print_table, progress
from fitgraph.api.session import store_place, writing
from fitgraph.registry.importers.detect import Format

if TYPE_CHECKING:
    from fitgraph.registry.catalogue_imported import Outcome
    from fitgraph.registry.importers.imported import FileReport

# A pack has hundreds of notes; --json gives them all.
_SHOWN = 20


def boards(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files, and folders to look through.")
    ],
    form: Annotated[
        Format, typer.Option("--format", help="Take files of this format only.")
    ] = Format.AUTO,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let boards of the same id give way.")
    ] = False,
    contexts: Contexts = None,
    as_json: AsJson = False,
) -> None:
    """Bring in boards and microcontrollers that other tools describe.

    Zephyr boards, PlatformIO boards, probe-rs targets, CMSIS-Packs, Thing Models of boards with
    Thing Descriptions of devices, and board files of our own; each is told by its content. All
    that is new goes in at once, or nothing.
    """
    from fitgraph.api.first_use import forget
    from fitgraph.registry.catalogue_imported import Result
    from fitgraph.registry.importers.front_door import import_files

    known = read_contexts(contexts)
    with progress("reading") as step:
        found = import_files(
            paths, form, lambda done, total: step("reading files", done=done, total=total), known
        )
        step("checking and storing")
        with writing(context) as registry:
            outcomes = registry.import_devices(
                found.boards,
                found.mcus,
                found.devices,
                contexts=known,
                replace=replace,
                dry_run=dry_run,
            )
            for one in outcomes:
                if one.kind == "board" and one.result is Result.REPLACED and not dry_run:
                    forget(store_place(context), one.name)
    _refuse_nothing(outcomes)
    if as_json:
        print_json(
            {"dry_run": dry_run, "outcomes": outcomes, "skipped": found.notes, "files": found.files}
        )
        return
    _print(outcomes, dry_run=dry_run)
    _print_files(found.files)
    _print_some("left out", ("where", "what"), [(n.source, n.message) for n in found.notes])


def _refuse_nothing(outcomes: Sequence[Outcome]) -> None:
    """Ends the command where everything was refused: nothing was written."""
    from fitgraph.registry.catalogue_imported import Result
    from fitgraph.registry.errors import InvalidImportError

    if outcomes and all(one.result is Result.REFUSED for one in outcomes):
        first = outcomes[0]
        raise InvalidImportError(
            f"{first.name}: {first.reason}",
            hint=first.hint or "add the board first, or import it together with its devices",
        )


def _print(outcomes: Sequence[Outcome], *, dry_run: bool) -> None:
    counts = Counter(f"{one.kind}s {one.result}" for one in outcomes)
    print_fields({"written": "nothing (dry run)" if dry_run else "all that is added or replaced"})
    if counts:
        print_fields(dict(sorted(counts.items())))
    conflicts = [(one.kind, one.name, one.reason) for one in outcomes if one.reason]
    _print_some("not taken", ("kind", "id", "why"), conflicts)


def _print_files(files: Sequence[FileReport]) -> None:
    """What became of each file; those of an unknown format in folders are counted only."""
    known = [one for one in files if one.form or not one.reason]
    unknown = len(files) - len(known)
    rest = f"; {unknown} of unknown format passed over" if unknown else ""
    rows = [
        (one.source, one.form, str(one.boards), str(one.mcus), str(one.devices), one.reason)
        for one in sorted(known, key=lambda one: not one.reason)
    ]
    columns = ("file", "format", "boards", "MCUs", "devices", "why nothing")
    _print_some(f"{len(known)} files{rest}", columns, rows)


def _print_some(title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        more = f" (the first {_SHOWN} of {len(rows)})" if len(rows) > _SHOWN else ""
        print_table(title + more, columns, rows[:_SHOWN])
