"""``fitgraph mcu``: microcontrollers of the store and of the device catalogue, and their claims."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.from_catalogue import add_from_catalogue, stored_or
from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_fields, print_json, print_table
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    from fitgraph.registry.mcu import Mcu

app = typer.Typer(help="Microcontrollers: list, find, show, add and remove.", no_args_is_help=True)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words of a part, vendor or core.")],
    as_json: AsJson = False,
) -> None:
    """Find microcontrollers by part, vendor or core; the store need not hold them."""
    from fitgraph.registry.device_catalogue import find_mcus

    found = find_mcus(text)
    if as_json:
        print_json(found)
        return
    _print_list(found)


@app.command("list")
def list_mcus(
    context: typer.Context,
    catalogue: Annotated[
        bool,
        typer.Option("--catalogue", help="List those of the device catalogue that are not here."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the microcontrollers in the store, or all others of the device catalogue."""
    from fitgraph.registry.device_catalogue import catalogue_mcus

    with reading(context) as registry:
        found = registry.list_mcus()
    if catalogue:
        known = {mcu.mcu_id for mcu in found}
        found = tuple(mcu for mcu in catalogue_mcus() if mcu.mcu_id not in known)
    if as_json:
        print_json(found)
        return
    _print_list(found)
    out().print(
        "`fitgraph mcu search WORDS` looks through the device catalogue, `fitgraph mcu add ID` "
        "takes one of it into the store",
        markup=False,
    )


@app.command()
def add(
    context: typer.Context,
    mcu: Annotated[str, typer.Argument(help="Id, as `fitgraph mcu search` has it.")],
) -> None:
    """Take one microcontroller of the device catalogue into the store."""
    add_from_catalogue(context, "mcu", mcu)


@app.command()
def remove(
    context: typer.Context,
    mcu: Annotated[str, typer.Argument(help="Id, as `fitgraph mcu list` has it.")],
) -> None:
    """Remove a microcontroller that no board links to."""
    with writing(context) as registry:
        registry.remove_mcu(mcu)
    out().print(f"removed {mcu}", markup=False)


@app.command()
def show(
    context: typer.Context,
    mcu: Annotated[str, typer.Argument(help="Id, as `fitgraph mcu search` has it.")],
    as_json: AsJson = False,
) -> None:
    """Show one microcontroller with its regions, claims and contradictions.

    Of the device catalogue, if the store has none of that id.
    """
    from fitgraph.registry.claim import contradictions
    from fitgraph.registry.device_catalogue import catalogue_mcu

    with reading(context) as registry:
        found = stored_or(catalogue_mcu, registry.get_mcu, "mcu", mcu)
    if as_json:
        print_json(found)
        return
    print_fields(
        {"MCU": found.mcu_id, "part": found.part, "vendor": found.vendor or None,
         "core": found.cpu_core or None, "ISA class": found.isa_class, "NPU": found.npu or None}
    )  # fmt: skip
    rows = [(r.name, r.kind, None if r.base_address is None else hex(r.base_address),
             r.size_bytes, r.status) for r in found.regions]  # fmt: skip
    print_table("", ("region", "kind", "address", "bytes", "status"), rows)
    print_table("", ("claim", "value", "status", "sources"), [
        (c.property_name, str(c.value), c.status, ", ".join(c.sources)) for c in found.claims
    ])  # fmt: skip
    for name in contradictions(found.claims):
        out().print(f"sources contradict each other on {name}", markup=False)


def _print_list(found: Iterable[Mcu]) -> None:
    print_table(
        "",
        ("MCU", "part", "vendor", "core", "ISA class", "MHz"),
        [
            (m.mcu_id, m.part, m.vendor or None, m.cpu_core or None, m.isa_class,
             m.clock_hz / 1e6 if m.clock_hz else None)
            for m in found
        ],
    )  # fmt: skip
