"""What the lists show: columns to sort by, and facets to choose by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from fitgraph.api.server.collections import (
    BOARDS,
    DEVICES,
    FOOTPRINTS,
    MCUS,
    MODELS,
    PROOFS,
    RUNTIMES,
)
from fitgraph.api.server.resources import Collection
from fitgraph.api.web.addresses import address_of
from fitgraph.api.web.faceting import Column, Facet
from fitgraph.api.web.listed import (
    ListedEvidence,
    ListedModel,
    footprints_listed,
    models_listed,
    proofs_listed,
)
from fitgraph.api.web.memory_columns import MEMORY_COLUMNS, MEMORY_FACETS
from fitgraph.api.web.words import hertz, many, n_bytes, number, size
from fitgraph.registry.catalogue import Registry


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How a collection is listed.

    Attributes:
        intro: what the records are, in a sentence.
        records: all of them.
        columns: the first leads to the record's page.
        text: in which words are looked for.
    """

    collection: Collection[Any]
    title: str
    intro: str
    columns: tuple[Column, ...]
    facets: tuple[Facet, ...]
    text: Callable[[Any], str]
    records: Callable[[Registry], Iterable[Any]]

    @property
    def path(self) -> str:
        return self.collection.path


def _said(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _mcu(mcu_id: str) -> str:
    return address_of("/mcus", mcu_id) if mcu_id else ""


def _isa(name: str) -> str:
    return address_of("/id/isa", name) if name else ""


_VENDOR: Final = Facet("vendor", "Vendor", lambda one: _said(one.vendor))
_ISA: Final = Facet("isa_class", "ISA class", lambda one: _said(one.isa_class))
_CORE: Final = (
    Column("core", "Core", lambda one: one.cpu_core or None),
    Column("isa", "ISA class", lambda one: one.isa_class, address=lambda one: _isa(one.isa_class)),
    Column("clock", "Clock", lambda one: one.clock_hz, lambda one: hertz(one.clock_hz),
           is_number=True),
    *MEMORY_COLUMNS,
)  # fmt: skip
_RUNTIME: Final = Column(
    "runtime", "Runtime", lambda one: one.record.runtime,
    address=lambda one: address_of("/runtimes", one.record.runtime),
)  # fmt: skip
_OF_BUILDS: Final = (
    Facet("runtime", "Runtime", lambda one: (one.record.runtime,)),
    Facet("isa_class", "ISA class", lambda one: (one.record.isa_class,)),
)


def _board_text(one: Any) -> str:  # noqa: ANN401 - a Board
    parts = (one.board_id, one.name, one.vendor, one.mcu, one.cpu_core, *one.other_names,
             *one.sensors, *one.sensor_parts, *one.radios)  # fmt: skip
    return "\n".join(parts)


def _model_text(one: ListedModel) -> str:
    said = (*one.tasks, *one.licences, *one.weights)
    return "\n".join((one.name, one.model_format, one.sha256, *said))


def _build_text(one: ListedEvidence) -> str:
    record = one.record
    board = getattr(record, "board_id", "")
    return f"{one.model}\n{record.runtime}\n{record.isa_class}\n{record.toolchain}\n{board}"


_MODELS: Final = Catalogue(
    MODELS,
    "Models",
    "Trained networks, each a file that was read operator by operator.",
    (
        Column("name", "Name", lambda one: one.name,
               address=lambda one: address_of("/models", one.name)),
        Column("format", "Format", lambda one: one.model_format),
        Column("weights", "Weights", lambda one: ", ".join(one.weights) or None),
        Column("file", "File", lambda one: one.file_bytes, lambda one: size(one.file_bytes),
               is_number=True),
        Column("parameters", "Parameters", lambda one: one.parameters,
               lambda one: many(one.parameters), is_number=True),
        Column("macs", "MACs", lambda one: one.macs, lambda one: many(one.macs), is_number=True),
        Column("peak", "Peak activations", lambda one: one.peak_live_bytes,
               lambda one: size(one.peak_live_bytes), is_number=True),
        Column("evidence", "Memory known by", lambda one: ", ".join(one.evidence) or None),
    ),
    (
        Facet("model_format", "Format", lambda one: (one.model_format,)),
        Facet("task", "Task", lambda one: one.tasks),
        Facet("licence", "Licence", lambda one: one.licences),
        Facet("weights", "Weights", lambda one: one.weights),
        Facet("evidence", "Evidence", lambda one: one.evidence or ("missing",)),
    ),
    _model_text,
    models_listed,
)  # fmt: skip
_BOARDS: Final = Catalogue(
    BOARDS,
    "Boards",
    "Types of boards with their real memory regions.",
    (
        Column("name", "Name", lambda one: one.name or one.board_id,
               address=lambda one: address_of("/boards", one.board_id)),
        Column("vendor", "Vendor", lambda one: one.vendor or None),
        Column("mcu", "Microcontroller", lambda one: one.mcu or None,
               address=lambda one: _mcu(one.mcu_link.mcu_id if one.mcu_link else "")),
        *_CORE,
    ),
    (
        _VENDOR, _ISA, *MEMORY_FACETS,
        Facet("sensor", "Sensor", lambda one: one.sensors),
        Facet("radio", "Radio", lambda one: one.radios),
    ),
    _board_text,
    BOARDS.all,
)  # fmt: skip
_MCUS: Final = Catalogue(
    MCUS,
    "Microcontrollers",
    "The parts that boards carry, as far as sources tell.",
    (
        Column("part", "Part", lambda one: one.part,
               address=lambda one: address_of("/mcus", one.mcu_id)),
        Column("vendor", "Vendor", lambda one: one.vendor or None),
        *_CORE,
        Column("npu", "Accelerator", lambda one: one.npu or None),
    ),
    (_VENDOR, _ISA, *MEMORY_FACETS, Facet("npu", "Accelerator", lambda one: _said(one.npu))),
    lambda one: f"{one.mcu_id}\n{one.part}\n{one.vendor}\n{one.cpu_core}\n{one.npu}",
    MCUS.all,
)  # fmt: skip
_RUNTIMES: Final = Catalogue(
    RUNTIMES,
    "Runtimes",
    "What executes models: which operators it has, and how its memory is known.",
    (
        Column("label", "Name", lambda one: one.label,
               address=lambda one: address_of("/runtimes", one.name)),
        Column("operators", "Operators", lambda one: len(one.operators) or None,
               lambda one: number(len(one.operators) or None), is_number=True),
        Column("isas", "ISA classes", lambda one: len(one.isa_classes),
               lambda one: str(len(one.isa_classes)), is_number=True),
        Column("method", "Memory told by", lambda one: str(one.footprint_method)),
        Column("maintenance", "State", lambda one: str(one.maintenance)),
        Column("licence", "Licence", lambda one: one.licence),
    ),
    (
        Facet("maintenance", "State", lambda one: (str(one.maintenance),)),
        Facet("footprint_method", "Memory told by", lambda one: (str(one.footprint_method),)),
        Facet("isa", "ISA class", lambda one: one.isa_classes),
        Facet("licence", "Licence", lambda one: _said(one.licence)),
    ),
    lambda one: f"{one.name}\n{one.label}\n{one.licence}\n{one.npu}",
    RUNTIMES.all,
)  # fmt: skip
_DEVICES: Final = Catalogue(
    DEVICES,
    "Devices",
    "Things that are one of a board.",
    (
        Column("title", "Title", lambda one: one.title or one.thing,
               address=lambda one: address_of("/things", one.thing)),
        Column("thing", "Id", lambda one: one.thing),
        Column("board", "Board", lambda one: one.board,
               address=lambda one: address_of("/boards", one.board)),
    ),
    (Facet("board", "Board", lambda one: (one.board,)),),
    lambda one: f"{one.thing}\n{one.title}\n{one.board}",
    DEVICES.all,
)  # fmt: skip
_FOOTPRINTS: Final = Catalogue(
    FOOTPRINTS,
    "Footprints",
    "Memory that a model takes under a runtime, built for an ISA class.",
    (
        Column("key", "Footprint", lambda one: one.model,
               lambda one: f"{one.model} · {one.record.isa_class}",
               address=lambda one: address_of("/footprints", one.key)),
        _RUNTIME,
        Column("flash", "Flash", lambda one: one.record.flash_bytes,
               lambda one: n_bytes(one.record.flash_bytes), is_number=True),
        Column("sram", "SRAM", lambda one: one.record.sram_bytes,
               lambda one: n_bytes(one.record.sram_bytes), is_number=True),
        Column("arena", "Arena", lambda one: one.record.arena_bytes,
               lambda one: n_bytes(one.record.arena_bytes), is_number=True),
        Column("evidence", "Evidence", lambda one: str(one.record.evidence)),
    ),
    (*_OF_BUILDS, Facet("evidence", "Evidence", lambda one: (str(one.record.evidence),))),
    _build_text,
    footprints_listed,
)  # fmt: skip
_PROOFS: Final = Catalogue(
    PROOFS,
    "Proofs",
    "Firmware that was linked into a board's regions, run, and compared with the reference.",
    (
        Column("key", "Proof", lambda one: one.model,
               lambda one: f"{one.model} on {one.record.board_id}",
               address=lambda one: address_of("/proofs", one.key)),
        _RUNTIME,
        Column("instructions", "Instructions", lambda one: one.record.instructions_per_inference,
               lambda one: number(one.record.instructions_per_inference), is_number=True),
        Column("compared", "Outputs compared", lambda one: one.record.n_outputs_compared,
               lambda one: number(one.record.n_outputs_compared), is_number=True),
        Column("difference", "Worst difference", lambda one: one.record.worst_difference,
               lambda one: number(one.record.worst_difference), is_number=True),
        Column("created", "Made", lambda one: one.record.created_at,
               lambda one: one.record.created_at[:10]),
    ),
    (*_OF_BUILDS, Facet("board", "Board", lambda one: (one.record.board_id,))),
    _build_text,
    proofs_listed,
)  # fmt: skip
CATALOGUES: Final = {
    one.path: one for one in (_MODELS, _BOARDS, _MCUS, _RUNTIMES, _DEVICES, _FOOTPRINTS, _PROOFS)
}
