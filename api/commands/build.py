"""``fitgraph build``: from a model and a board to proven firmware."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fitgraph.api.commands.proof import print_proof
from fitgraph.api.data_files import InvalidDataError
from fitgraph.api.options import AsJson
from fitgraph.api.output import Step, out, print_fields, print_json, progress
from fitgraph.api.session import reading, writing

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgraph.compiler_bridge.generated import GeneratedCode
    from fitgraph.compiler_bridge.prove import ProvenBuild
    from fitgraph.compiler_bridge.recipes.evaluate import Metric
    from fitgraph.registry.board import Board
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.model_graph import ModelGraph

    Array = npt.NDArray[Any]

DEFAULT_SAMPLES = 32


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("build")(build)


def build(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    board: Annotated[str | None, typer.Option(help="The board to link for.")] = None,
    isa: Annotated[
        str | None, typer.Option(help="Instead of a board: an ISA class, with ample memory.")
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option(help="An .npz file of real inputs; else random ones are run.")
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(help="Instead of --inputs: an .npz file with samples x and labels y."),
    ] = None,
    metric: Annotated[
        str, typer.Option(help="How --test judges the firmware's outputs: accuracy or roc-auc.")
    ] = "accuracy",
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"How many samples to run; else {DEFAULT_SAMPLES} of --inputs, all of --test.",
        ),
    ] = None,
    arena_budget: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Bytes that the arena is to keep within: the first layers are run in patches if "
            "need be, which costs instructions.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the artifacts; else build/MODEL-BOARD.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Generate C, compile, link into the board's memory, emulate, compare and keep the proof.

    Ends with 1 when the firmware does not fit the board, or an output differs from the
    reference.
    """
    from fitgraph.api.model_files import stored_graph
    from fitgraph.compiler_bridge.artifacts import write_artifacts

    if (board is None) == (isa is None):
        raise typer.BadParameter("give either --board or --isa")
    if inputs is not None and test is not None:
        raise typer.BadParameter("give either --inputs or --test")
    with reading(context) as registry:
        graph = stored_graph(registry, model)
        content = registry.model_bytes(graph.sha256)
        target = registry.get_board(board) if board is not None else _class_board(str(isa))
    folder = output or Path("build") / _folder_name(f"{graph.name}-{isa or target.board_id}")
    _check_output(folder)
    data = _data(graph, inputs, test, metric, samples)
    with progress(f"building {model} for {target.name}") as step:
        proven = _prove(context, graph, content, target, data.sets, arena_budget, step)
        step("writing the artifacts")
        write_artifacts(proven, target, folder)
        with writing(context) as registry:
            _keep(registry, proven, has_board=board is not None)
    _print(model, proven, data.quality(proven, metric), folder, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Data:
    """What the firmware is run on: sets of inputs, and their labels where it is to be judged."""

    sets: list[tuple[Array, ...]]
    labels: Array | None = None

    def quality(self, proven: ProvenBuild, metric: str) -> Metric | None:
        """How good the firmware's outputs are; None without labels."""
        return None if self.labels is None else _quality(proven, self.sets, self.labels, metric)


def _data(
    graph: ModelGraph, inputs: Path | None, test: Path | None, metric: str, samples: int | None
) -> _Data:
    """The samples of one of the files; none where neither is given.

    Raises:
        InvalidDataError: they do not suit the model; see ``load_input_sets`` and ``_labels``.
    """
    from fitgraph.api.input_sets import load_input_sets

    if test is None:
        most = samples or DEFAULT_SAMPLES
        return _Data([] if inputs is None else load_input_sets(inputs, graph, most))
    labels = _labels(graph, test, metric)
    sets = load_input_sets(test, graph, samples)
    if len(labels) < len(sets):
        raise InvalidDataError(
            f"{test} has {len(labels)} labels for {len(sets)} samples",
            hint="give one label a sample",
        )
    return _Data(sets, labels)


def _print(
    model: str, proven: ProvenBuild, quality: Metric | None, folder: Path, *, as_json: bool
) -> None:
    if as_json:
        print_json(
            {
                "artifacts": str(folder),
                "inputs": proven.input_kind,
                "footprint": proven.footprint,
                "proof": proven.proof,
                "quality": quality,
                "in_patches": proven.generated.in_patches,
                "extra_macs": proven.generated.extra_macs,
            }
        )
        return
    print_proof(proven.proof, model)
    _print_footprint(proven.footprint)
    _print_patches(proven.generated)
    if quality is not None:
        judged = f"{quality.value:.4f} of the firmware on {quality.n_samples} test samples"
        print_fields({str(quality.name): judged})
    out().print(f"\nproven on {proven.input_kind} inputs; artifacts in {folder}", markup=False)


def _prove(
    context: typer.Context,
    graph: ModelGraph,
    content: bytes,
    board: Board,
    sets: list[tuple[Array, ...]],
    arena_budget: int | None,
    step: Step,
) -> ProvenBuild:
    """The proven build. Where it does not fit, its footprint is kept all the same."""
    from fitgraph.api.measuring import measure
    from fitgraph.compiler_bridge.errors import DoesNotLinkError
    from fitgraph.compiler_bridge.prove import prove

    def tell(stage: str, done: int, total: int) -> None:
        step(stage, done=done, total=total)

    try:
        return prove(graph, content, board, sets, arena_budget_bytes=arena_budget, progress=tell)
    except DoesNotLinkError:
        found, _ = measure(graph, [board.needed_isa_class()], step)
        with writing(context) as registry:
            for footprint in found:
                registry.add_footprint(footprint)
        raise


def _labels(graph: ModelGraph, test: Path, metric: str) -> Array:
    """Labels of a test set, before anything is built that they might not suit.

    Raises:
        InvalidDataError: the model has several inputs or outputs; see also ``load_test_set``.
        EvaluationError: there is no such metric.
    """
    from fitgraph.api.data_files import load_test_set
    from fitgraph.compiler_bridge.recipes.evaluate import metric_name

    metric_name(metric)
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise InvalidDataError(
            f"--test judges models with one input and one output, but {graph.name} has "
            f"{len(graph.inputs)} and {len(graph.outputs)}",
            hint="use --inputs, which only compares with the reference",
        )
    return load_test_set(test)[1]


def _quality(
    proven: ProvenBuild, sets: list[tuple[Array, ...]], labels: Array, metric: str
) -> Metric:
    """How good the outputs are that the firmware gave in the emulator."""
    import numpy as np

    from fitgraph.compiler_bridge.recipes.evaluate import evaluate

    outputs = iter(proven.run.outputs)
    samples = np.stack([one for (one,) in sets])
    return evaluate(lambda _: next(outputs)[0], samples, labels[: len(sets)], metric)


def _folder_name(text: str) -> str:
    """The text without what has a meaning in a path."""
    return re.sub(r"[^\w.+-]+", "-", text).lstrip(".-") or "model"


def _check_output(folder: Path) -> None:
    """Refuse a folder that a build would overwrite, before the build takes its time.

    Raises:
        ConflictError: it is a file, or a folder with something else than a build in it.
    """
    from fitgraph.compiler_bridge.artifacts import MANIFEST
    from fitgraph.registry.errors import ConflictError

    is_free = not folder.exists() or (
        folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))
    )
    if not is_free:
        raise ConflictError(
            f"{folder} is there already and no earlier build", hint="choose another --output"
        )


def _class_board(isa: str) -> Board:
    from fitgraph.api.measuring import check_isa_classes
    from fitgraph.compiler_bridge.emulators.reference_boards import ample_board

    check_isa_classes([isa])
    return ample_board(isa)


def _keep(registry: Registry, proven: ProvenBuild, *, has_board: bool) -> None:
    """Put footprint and proof into the graph; a class has no board that a proof could be of.

    What a build takes in patches is no footprint of the model: a build without them takes more.
    """
    if not proven.generated.in_patches:
        registry.add_footprint(proven.footprint)
    if has_board:
        registry.add_proof(proven.proof, proven.firmware.elf, proven.input_bytes)


def _print_patches(generated: GeneratedCode) -> None:
    if generated.in_patches:
        first, last = generated.in_patches[0], generated.in_patches[-1]
        print_fields(
            {"in patches": f"{first} to {last}, {generated.extra_macs:+,} MACs per inference"}
        )


def _print_footprint(footprint: Footprint) -> None:
    print_fields(
        {
            "flash": f"{footprint.flash_bytes:,} B: weights {footprint.weights_bytes:,}, "
            f"code {footprint.code_bytes:,}",
            "SRAM": f"{footprint.sram_bytes:,} B: arena {footprint.arena_bytes:,}, "
            f"stack {footprint.stack_bytes:,}, static {footprint.static_bytes:,}",
        }
    )
