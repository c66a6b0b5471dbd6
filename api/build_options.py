"""The options of ``fitgraph build``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fitgraph.api.build_data import DEFAULT_SAMPLES

BoardId = Annotated[str | None, typer.Option(help="The board to link for.")]
IsaClass = Annotated[
    str | None,
    typer.Option(
        help="Instead of a board: an ISA class, with ample memory, or host: this machine."
    ),
]
BackEndOptions = Annotated[
    list[str] | None,
    typer.Option(help="KEY=VALUE of another runtime's back end; may be repeated."),
]
PackageKind = Annotated[
    str | None,
    typer.Option(help="Deliver a library: cmake, arduino, zephyr, platformio or host."),
]
AsZip = Annotated[bool, typer.Option("--zip", help="Deliver one zip file instead of a folder.")]
StreamingHop = Annotated[
    int | None,
    typer.Option(
        metavar="HOP",
        help="Add to the package calls that take a signal row by row and run the model every "
        "HOP rows.",
    ),
]
StreamingAxis = Annotated[
    int | None,
    typer.Option(help="Axis of time of the input; else the first with more than one step."),
]
InputsFile = Annotated[
    Path | None, typer.Option(help="An .npz file of real inputs; else random ones are run.")
]
TestFile = Annotated[
    Path | None,
    typer.Option(help="Instead of --inputs: an .npz file with samples x and labels y."),
]
MetricName = Annotated[
    str, typer.Option(help="How --test judges the firmware's outputs: accuracy or roc-auc.")
]
NSamples = Annotated[
    int | None,
    typer.Option(
        min=1,
        help=f"How many samples to run; else {DEFAULT_SAMPLES} of --inputs, all of --test.",
    ),
]
ArenaBudget = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Bytes that the arena is to keep within: the first layers are run in patches if "
        "need be, which costs instructions.",
    ),
]
PackWeights = Annotated[
    bool,
    typer.Option(
        "--pack-weights",
        help="Keep weights in int8 that fit 4 or 2 bits in these: less flash, more instructions, "
        "the same outputs.",
    ),
]
CmsisNnFolder = Annotated[
    Path | None,
    typer.Option(
        "--cmsis-nn",
        metavar="FOLDER",
        help="A checkout of ARM-software/CMSIS-NN: its functions are called for layers that they "
        "compute to the same bits.",
    ),
]
ArenaIn = Annotated[
    str | None,
    typer.Option(
        metavar="REGION,...",
        help="RAM regions of the board that the arena is to lie in, the fastest first; without it "
        "one takes it, or several where none is large enough.",
    ),
]
WeightsIn = Annotated[
    str | None, typer.Option(help="A flash region of the board for the weights alone.")
]
Reserved = Annotated[
    list[str] | None,
    typer.Option(
        "--reserve",
        metavar="REGION=BYTES",
        help="Bytes at the start of a region that something else takes, in place of what the board "
        "says; may be repeated.",
    ),
]
OutputFolder = Annotated[
    Path | None, typer.Option(help="Folder for the artifacts; else build/MODEL-BOARD.")
]


def region_names(given: str | None) -> tuple[str, ...]:
    """Names of regions from a list with commas.

    Raises:
        typer.BadParameter: one is empty.
    """
    names = () if given is None else tuple(name.strip() for name in given.split(","))
    if not all(names):
        raise typer.BadParameter("--arena-in takes names of regions with commas between")
    return names
