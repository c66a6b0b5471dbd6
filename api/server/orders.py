"""From what somebody asks for to a task with all that a worker needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.jobs.build_task import BuildTask
from fitgraph.api.jobs.record import Job, Kind, State, new_id, now
from fitgraph.api.jobs.task import Task
from fitgraph.api.jobs.variant_task import MeasureTask, PruneTask, QuantizeTask
from fitgraph.api.jobs.verify_task import VerifyTask
from fitgraph.api.measuring import check_isa_classes
from fitgraph.api.model_files import check_name
from fitgraph.api.schemas import BuildOrder, OrderDocument, VariantOrder
from fitgraph.api.server.faults import RequestError
from fitgraph.api.verifying import stored_package
from fitgraph.matcher.demand import Reserves, check_regions, with_reserves
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.model_record import ModelRecord

#: Fields of orders that are not repeated wherever the order is shown.
_DATA: Final = frozenset({"inputs", "test", "calibration"})
_BITS: Final = {"int8": 8, "int4": 4, "int2": 2}
_ENDINGS: Final = {"prune": "pruned"}

Ordered = tuple[Job, Task]


def build(registry: Registry, order: BuildOrder, who: str) -> Ordered:
    """A build.

    Raises:
        RequestError: options do not go together.
        NotFoundError: the model or the board is not there.
    """
    _check_together(order)
    model = registry.get_model(order.model)
    board = _board(registry, order)
    if order.runtime != OWN_RUNTIME:
        _check_back_end(order)
    named = [*(order.arena_in or ()), *([order.weights_in] if order.weights_in else [])]
    check_regions(board, Reserves(by_region=dict.fromkeys(named, 0)))
    job = _job(
        Kind.BUILD, _name(model, order.model), order, who, board=order.board or str(order.isa),
        runtime=order.runtime, package=order.package or "",
    )  # fmt: skip
    task = BuildTask(
        job.model,
        registry.model_bytes(model.sha256),
        model.model_format,
        board,
        is_stored=order.board is not None,
        runtime=order.runtime,
        options=order.options,
        package=order.package,
        streaming=order.streaming,
        streaming_axis=order.streaming_axis,
        inputs=order.inputs,
        test=order.test,
        metric=order.metric,
        samples=order.samples,
        arena_budget=order.arena_budget,
        pack_weights=bool(order.pack_weights),
        weights_in=order.weights_in or "",
        arena_in=tuple(order.arena_in or ()),
    )
    return job, task


def variant(registry: Registry, order: VariantOrder, who: str) -> Ordered:
    """A recipe, or a measurement of what one gave.

    Raises:
        RequestError: options do not go together.
        NotFoundError: a model is not there.
        InvalidRecordError: no model can have that name.
    """
    model = registry.get_model(order.model)
    content, source = registry.model_bytes(model.sha256), _name(model, order.model)
    if order.recipe == "measure":
        return _measure(registry, order, content, source, who)
    ending = _ENDINGS.get(order.recipe, order.recipe)
    name = check_name(order.name or f"{source}-{ending}")
    job = _job(Kind.VARIANT, source, order, who)
    if order.recipe == "prune":
        if order.rate is None:
            raise RequestError("prune needs a rate", hint="rate: 0.25 takes a quarter")
        return job, PruneTask(content, name, order.rate)
    return job, QuantizeTask(
        content, name, _BITS[order.recipe], order.per_channel, order.calibration, order.test,
        order.metric,
    )  # fmt: skip


def verification(registry: Registry, reference: str, who: str) -> Ordered:
    """A proof that is to be done again.

    Raises:
        NotFoundError: the proof, its model or its board is not there.
    """
    package = stored_package(registry, reference)
    proof = package.proof
    model = registry.get_model(proof.model_sha256)
    job = Job(
        new_id(), Kind.VERIFICATION, State.QUEUED, model.names[0], proof.board_id, proof.runtime,
        who=who, queued_at=now(), proof=package.key, order={"proof": package.key},
    )  # fmt: skip
    content = registry.model_bytes(model.sha256)
    return job, VerifyTask(package, job.model, content, model.model_format)


def _measure(
    registry: Registry, order: VariantOrder, content: bytes, source: str, who: str
) -> Ordered:
    if order.name is None or order.test is None or not order.said.strip():
        raise RequestError(
            "measure needs the name of a variant that is there, test data, and how it was made",
            hint="give name, test and said",
        )
    variant = registry.get_model(order.name)
    task = MeasureTask(
        content, registry.model_bytes(variant.sha256), order.said.strip(), order.test, order.metric
    )
    return _job(Kind.VARIANT, source, order, who), task


def _board(registry: Registry, order: BuildOrder) -> Board:
    if order.board is None:
        from fitgraph.compiler_bridge.emulators.reference_boards import ample_board

        check_isa_classes([str(order.isa)])
        return ample_board(str(order.isa))
    board = registry.get_board(order.board)
    reserves = Reserves(by_region=order.reserve or {})
    check_regions(board, reserves)
    board.needed_isa_class()
    return with_reserves(board, reserves) if order.reserve else board


def _check_together(order: BuildOrder) -> None:
    """Refuses what does not go together, as the command does."""
    if (order.board is None) == (order.isa is None):
        raise RequestError("give either a board or an ISA class", hint="board, or isa")
    if order.inputs is not None and order.test is not None:
        raise RequestError("give either inputs or test", hint="test data is run, too")
    if order.board is None and (order.weights_in or order.arena_in or order.reserve):
        raise RequestError(
            "weights_in, arena_in and reserve name regions of a board", hint="give a board"
        )
    if order.streaming is not None and order.package is None:
        raise RequestError("streaming adds to packages", hint="give a package, too")
    kept_in = ("arena_budget", "pack_weights", "weights_in", "arena_in")
    own = ("package", "streaming", "inputs", "test", "samples", *kept_in)
    if order.runtime == OWN_RUNTIME and order.options:
        raise RequestError("options are for the back ends of other runtimes", hint="leave them out")
    if order.runtime != OWN_RUNTIME and any(getattr(order, name) is not None for name in own):
        raise RequestError(f"{', '.join(own)} are for {OWN_RUNTIME} only", hint="leave them out")


def _check_back_end(order: BuildOrder) -> None:
    from fitgraph.compiler_bridge.back_ends.protocol import require_known_options
    from fitgraph.compiler_bridge.back_ends.registered import load_back_end

    require_known_options(load_back_end(order.runtime), order.options)


def _job(kind: Kind, model: str, order: OrderDocument, who: str, **fields: Any) -> Job:
    return Job(
        new_id(), kind, State.QUEUED, model, who=who, queued_at=now(), order=_plain(order), **fields
    )


def _plain(order: OrderDocument) -> Mapping[str, Any]:
    """What was asked for, with the size of data in place of it."""
    said = order.model_dump(exclude_none=True, exclude_defaults=True, exclude=set(_DATA))
    given = {name: getattr(order, name, None) for name in _DATA}
    return said | {name: f"{len(one):,} bytes" for name, one in given.items() if one is not None}


def _name(model: ModelRecord, called: str) -> str:
    return called if called in model.names else model.names[0]
