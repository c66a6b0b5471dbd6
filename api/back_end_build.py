"""Builds for the runtimes of others: what a back end delivers, written and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from fitgraph.api.output import out, print_fields, print_json, progress
from fitgraph.api.session import writing

if TYPE_CHECKING:
    from fitgraph.api.destination import Destination
    from fitgraph.compiler_bridge.back_ends.protocol import BackEnd, Delivered
    from fitgraph.registry.board import Board
    from fitgraph.registry.model_graph import ModelGraph


def parsed_options(words: list[str]) -> dict[str, str]:
    """``KEY=VALUE`` as pairs.

    Raises:
        BadParameter: a word is none, or says a key again.
    """
    pairs = [word.partition("=") for word in words]
    wrong = [word for word, (key, equals, _) in zip(words, pairs, strict=True) if not key + equals]
    found = {key: value for key, _, value in pairs}
    if wrong or len(found) < len(pairs) or any(not equals for _, equals, _ in pairs):
        raise typer.BadParameter("give each --option once, as KEY=VALUE")
    return found


def build_with(
    context: typer.Context,
    back_end: BackEnd,
    graph: ModelGraph,
    model_bytes: bytes,
    target: Board,
    options: Mapping[str, str],
    place: Destination,
    *,
    as_json: bool,
) -> None:
    """Build, write all files and keep what is known of them."""
    from fitgraph.compiler_bridge.back_ends.manifest import with_manifest
    from fitgraph.compiler_bridge.back_ends.protocol import Request
    from fitgraph.compiler_bridge.emit import prefix_for

    with progress(f"building {graph.name} for {back_end.runtime}") as step:
        request = Request(
            graph,
            model_bytes,
            target.needed_isa_class(),
            options,
            progress=lambda stage, done, total: step(stage, done=done, total=total),
        )
        delivered = back_end.build(request)
        step("writing the artifacts")
        files = with_manifest(back_end.runtime, request, delivered)
        place.write(prefix_for(graph.name), files)
        with writing(context) as registry:
            registry.add_measurements(delivered.measurements)
            for footprint in delivered.footprints:
                registry.add_footprint(footprint)
    _print(back_end, delivered, place, as_json=as_json)


def _print(back_end: BackEnd, delivered: Delivered, place: Destination, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "artifacts": str(place.path),
                "runtime": back_end.runtime,
                "facts": delivered.facts,
                "footprints": delivered.footprints,
            }
        )
        return
    if delivered.facts:
        print_fields(delivered.facts)
    for one in delivered.footprints:
        print_fields(
            {
                "flash": f"{one.flash_bytes:,} B ({one.evidence})",
                "SRAM": f"{one.sram_bytes:,} B ({one.evidence}): arena {one.arena_bytes:,} "
                f"({one.arena_evidence or one.evidence}), stack {one.stack_bytes:,}, static "
                f"{one.static_bytes:,}",
            }
        )
    out().print(f"\nnot run on a board; artifacts in {place.path}", markup=False)
