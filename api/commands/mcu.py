"""``fitgraph mcu``: microcontrollers of the device catalogue, with what sources claim of them."""

from __future__ import annotations

from typing import Annotated

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import out, print_fields, print_json, print_table

app = typer.Typer(help="Microcontrollers of the device catalogue.", no_args_is_help=True)


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
    print_table(
        "",
        ("MCU", "part", "vendor", "core", "ISA class", "MHz"),
        [
            (m.mcu_id, m.part, m.vendor, m.cpu_core or None, m.isa_class,
             m.clock_hz / 1e6 if m.clock_hz else None)
            for m in found
        ],
    )  # fmt: skip


@app.command()
def show(
    mcu: Annotated[str, typer.Argument(help="Id, as `fitgraph mcu search` has it.")],
    as_json: AsJson = False,
) -> None:
    """Show one microcontroller with its regions, claims and contradictions."""
    from fitgraph.registry.claim import contradictions
    from fitgraph.registry.device_catalogue import catalogue_mcu
    from fitgraph.registry.errors import NotFoundError

    found = catalogue_mcu(mcu)
    if found is None:
        raise NotFoundError(
            f"there is no mcu {mcu!r} in the catalogue", hint="find it with `fitgraph mcu search`"
        )
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
