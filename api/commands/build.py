"""``fitgraph build``: from a model and a board to proven firmware, or a package with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from fitgraph.api.back_end_build import build_with, parsed_options
from fitgraph.api.build_data import BuildData, build_data
from fitgraph.api.build_options import (
    ArenaBudget,
    ArenaIn,
    AsZip,
    BackEndOptions,
    BoardId,
    CmsisNnFolder,
    InputsFile,
    IsaClass,
    MetricName,
    NSamples,
    OutputFolder,
    PackageKind,
    PackWeights,
    Reserved,
    StreamingAxis,
    StreamingHop,
    TestFile,
    WeightsIn,
    region_names,
)
from fitgraph.api.build_output import print_check, print_proven
from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.destination import Destination, destination
from fitgraph.api.options import AsJson, RuntimeName
from fitgraph.api.output import Step, progress
from fitgraph.api.session import reading, writing
from fitgraph.api.streaming import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from fitgraph.compiler_bridge.back_ends.protocol import BackEnd
    from fitgraph.compiler_bridge.cmsis_nn.checkout import Checkout
    from fitgraph.compiler_bridge.packages.content import Content
    from fitgraph.compiler_bridge.prove import ProvenBuild
    from fitgraph.registry.board import Board
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.model_graph import ModelGraph

# In place of an ISA class: the machine that builds.
HOST = "host"


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("build")(build)


def build(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    board: BoardId = None,
    isa: IsaClass = None,
    runtime: RuntimeName = OWN_RUNTIME,
    option: BackEndOptions = None,
    package: PackageKind = None,
    as_zip: AsZip = False,
    streaming: StreamingHop = None,
    streaming_axis: StreamingAxis = None,
    inputs: InputsFile = None,
    test: TestFile = None,
    metric: MetricName = "accuracy",
    samples: NSamples = None,
    arena_budget: ArenaBudget = None,
    pack_weights: PackWeights = False,
    cmsis_nn: CmsisNnFolder = None,
    weights_in: WeightsIn = None,
    arena_in: ArenaIn = None,
    reserve: Reserved = None,
    output: OutputFolder = None,
    as_json: AsJson = False,
) -> None:
    """Generate C, compile, link into the board's memory, emulate, compare and keep the proof.

    For another runtime than fitgraph-c its back end delivers sources, and there is no proof. Ends
    with 1 when the firmware does not fit the board, or an output differs from the reference.
    """
    from fitgraph.api.model_files import stored_graph

    is_own = runtime == OWN_RUNTIME
    own_options = (
        *(package, streaming, inputs, test, samples, arena_budget, weights_in, arena_in),
        pack_weights or None,
        cmsis_nn,
    )
    _check_options(is_own, board, isa, own_options, option)
    _check_together(board, inputs, test, weights_in, arena_in, reserve)
    checkout = _checkout(cmsis_nn, isa, pack_weights=pack_weights)
    regions = region_names(arena_in)
    kind = _package(isa, package, as_zip=as_zip and is_own)
    rows = None if streaming is None else Rows(streaming, streaming_axis)
    if kind is None and rows is not None:
        raise typer.BadParameter("--streaming adds to packages: give --package, too")
    back_end = None if is_own else _back_end(runtime)
    with reading(context) as registry:
        graph = stored_graph(registry, model)
        content = registry.model_bytes(graph.sha256)
        target = None if isa == HOST else _target(registry, board, isa, reserve)
    words = (graph.name, board or str(isa), *([package] if package else []))
    place = destination(output, words if is_own else (*words, runtime), as_zip=as_zip)
    place.check()
    if back_end is not None and target is not None:
        parsed = parsed_options(option or [])
        build_with(context, back_end, graph, content, target, parsed, place, as_json=as_json)
        return
    if rows is not None:
        rows.check(graph)
    order = _Order(
        graph,
        content,
        kind,
        place,
        rows,
        arena_budget,
        weights_in or "",
        regions,
        pack_weights,
        checkout,
    )
    data = build_data(graph, inputs, test, metric, samples)
    if target is None:
        _on_host(order, data, metric, as_json=as_json)
        return
    proven = _for_board(context, order, target, data, has_board=board is not None)
    quality = data.quality(proven.run.outputs, metric)
    print_proven(model, proven, quality, order.place.path, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be built and where it goes.

    Attributes:
        package: kind of package, or None for the firmware with its sources.
        rows: how a signal is taken, or None.
        arena_budget: bytes, or None.
        weights_in: name of a flash region, or an empty string.
        arena_in: names of RAM regions, or none.
        pack_weights: whether weights that fit fewer bits are kept in these.
        cmsis_nn: to be called, or None.
    """

    graph: ModelGraph
    model_bytes: bytes
    package: str | None
    place: Destination
    rows: Rows | None = None
    arena_budget: int | None = None
    weights_in: str = ""
    arena_in: tuple[str, ...] = ()
    pack_weights: bool = False
    cmsis_nn: Checkout | None = None

    def deliver(self, proven: ProvenBuild, target: Board) -> None:
        """Write the firmware, or the package with the proof."""
        from fitgraph.compiler_bridge.artifacts import write_artifacts
        from fitgraph.compiler_bridge.packages.proven import proven_content

        if self.package is None:
            write_artifacts(proven, target, self.place.path)
        else:
            self.pack(proven_content(proven, target, self.graph.name))

    def pack(self, content: Content) -> None:
        """Write the package."""
        from fitgraph.compiler_bridge.packages.kinds import package_files

        packed = content if self.rows is None else self.rows.added_to(content)
        self.place.write(content.prefix, package_files(str(self.package), packed))


def _check_options(
    is_own: bool,
    board: str | None,
    isa: str | None,
    own: tuple[object, ...],
    option: list[str] | None,
) -> None:
    """Refuse options that do not go together, before anything is read."""
    if (board is None) == (isa is None):
        raise typer.BadParameter("give either --board or --isa")
    if is_own and option:
        raise typer.BadParameter("--option is for the back ends of other runtimes")
    if not is_own and (isa == HOST or any(value is not None for value in own)):
        raise typer.BadParameter(
            "--isa host, --package, --inputs, --test, --samples, --arena-budget, --pack-weights "
            "and --cmsis-nn are for "
            f"{OWN_RUNTIME} only"
        )


def _check_together(
    board: str | None,
    inputs: Path | None,
    test: Path | None,
    weights_in: str | None,
    arena_in: str | None,
    reserve: list[str] | None,
) -> None:
    """Refuse what needs another option, or stands in its way."""
    if inputs is not None and test is not None:
        raise typer.BadParameter("give either --inputs or --test")
    if (weights_in or arena_in or reserve) and board is None:
        raise typer.BadParameter(
            "--weights-in, --arena-in and --reserve name regions of a board: give --board"
        )


def _checkout(folder: Path | None, isa: str | None, *, pack_weights: bool) -> Checkout | None:
    if folder is None:
        return None
    if isa == HOST or pack_weights:
        raise typer.BadParameter(
            "--cmsis-nn is for Cortex-M boards, and for weights of 8 bits: leave out --isa host "
            "and --pack-weights"
        )
    from fitgraph.compiler_bridge.cmsis_nn.checkout import read_checkout

    return read_checkout(folder)


def _back_end(runtime: str) -> BackEnd:
    from fitgraph.compiler_bridge.back_ends.registered import load_back_end

    return load_back_end(runtime)


def _package(isa: str | None, package: str | None, *, as_zip: bool) -> str | None:
    """The kind of package; for this machine there is always one."""
    from fitgraph.compiler_bridge.packages.kinds import require_kind

    kind = package or (HOST if isa == HOST else None)
    if kind is not None:
        require_kind(kind)
    elif as_zip:
        raise typer.BadParameter("--zip delivers packages: give --package, too")
    return kind


def _target(
    registry: Registry, board: str | None, isa: str | None, reserve: list[str] | None
) -> Board:
    """The board as it is left, or one of the class.

    Raises:
        InvalidDemandError: the board lacks a region that is reserved, or a reserve is no size.
    """
    from fitgraph.api.asking import reserves_of
    from fitgraph.matcher.demand import check_regions, with_reserves

    if board is None:
        return _class_board(str(isa))
    found, reserves = registry.get_board(board), reserves_of("--reserve", reserve or ())
    check_regions(found, reserves)
    return with_reserves(found, reserves)


def _for_board(
    context: typer.Context, order: _Order, target: Board, data: BuildData, *, has_board: bool
) -> ProvenBuild:
    """Build, prove, deliver and keep."""
    with progress(f"building {order.graph.name} for {target.name}") as step:
        proven = _prove(context, order, target, data, step)
        step("writing the artifacts")
        order.deliver(proven, target)
        with writing(context) as registry:
            _keep(registry, proven, has_board=has_board)
    return proven


def _on_host(order: _Order, data: BuildData, metric: str, *, as_json: bool) -> None:
    """Build and compare on this machine. There is no proof: no board, no emulator, no stack."""
    from fitgraph.compiler_bridge.host_check import check_on_host, checked_content

    with progress(f"building {order.graph.name} for this machine") as step:
        check = check_on_host(
            order.graph,
            order.model_bytes,
            data.sets,
            arena_budget_bytes=order.arena_budget,
            pack_weights=order.pack_weights,
            progress=lambda stage, done, total: step(stage, done=done, total=total),
        )
        step("writing the package")
        order.pack(checked_content(check, order.graph))
    print_check(check, data.quality(check.outputs, metric), order.place.path, as_json=as_json)


def _prove(
    context: typer.Context, order: _Order, board: Board, data: BuildData, step: Step
) -> ProvenBuild:
    """The proven build. Where it does not fit, its footprint is kept all the same."""
    from fitgraph.api.measuring import measure
    from fitgraph.compiler_bridge.errors import DoesNotLinkError
    from fitgraph.compiler_bridge.prove import prove

    def tell(stage: str, done: int, total: int) -> None:
        step(stage, done=done, total=total)

    try:
        return prove(
            order.graph,
            order.model_bytes,
            board,
            data.sets,
            arena_budget_bytes=order.arena_budget,
            weights_region=order.weights_in,
            arena_regions=order.arena_in,
            pack_weights=order.pack_weights,
            cmsis_nn=order.cmsis_nn,
            progress=tell,
        )
    except DoesNotLinkError:
        found, _ = measure(order.graph, [board.needed_isa_class()], step)
        with writing(context) as registry:
            for footprint in found:
                registry.add_footprint(footprint)
        raise


def _class_board(isa: str) -> Board:
    from fitgraph.api.measuring import check_isa_classes
    from fitgraph.compiler_bridge.emulators.reference_boards import ample_board

    check_isa_classes([isa])
    return ample_board(isa)


def _keep(registry: Registry, proven: ProvenBuild, *, has_board: bool) -> None:
    """Put footprints and proof into the graph; a class has no board that a proof could be of."""
    for footprint in proven.footprints:
        registry.add_footprint(footprint)
    if has_board:
        registry.add_proof(proven.proof, proven.firmware.elf, proven.input_bytes)
