"""``fitgraph import catalogue``: the device catalogue goes into the store."""

from __future__ import annotations

import typer

from fitgraph.api.options import AsJson
from fitgraph.api.output import print_fields, print_json, progress
from fitgraph.api.session import writing


def catalogue(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring in the device catalogue: thousands of microcontrollers and boards, all or nothing.

    Boards of your own and built-in ones stay as they are. Running it again changes nothing.
    """
    from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus

    with progress("reading the device catalogue") as step, writing(context) as registry:
        mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
        total = len(mcus) + len(boards)

        def tell(done: int) -> None:
            step("writing the device catalogue", done=done, total=total)

        added = registry.import_device_catalogue(mcus, boards, tell)
    counts = {
        "mcus": len(mcus),
        "boards": len(boards),
        "new": sum(one.is_new for one in added),
        "kept": total - len(added),
    }
    if as_json:
        print_json(counts)
    else:
        print_fields(
            {"microcontrollers": counts["mcus"], "boards": counts["boards"],
             "new or changed": counts["new"], "of your own, kept": counts["kept"]}
        )  # fmt: skip
