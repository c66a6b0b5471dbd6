"""Devices of the reference graph become boards, with what their describers say is free."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.reference_graph_records import Finding, claim
from fitgraph.registry.importers.reference_graph_terms import Described
from fitgraph.registry.importers.reference_graph_units import memory_bytes
from fitgraph.registry.triples.claim import canonical_claims

DEVICE: Final = "s3n:SmartSensor"

#: Our word for each of their kinds of sensors.
SENSORS: Final[Mapping[str, str]] = {
    "sosa_extend:Accelerometer": "accelerometer",
    "sosa_extend:Camera": "camera",
    "sosa_extend:Gyroscope": "gyroscope",
    "sosa_extend:Magnetometer": "magnetometer",
    "sosa_extend:Microphone": "microphone",
    "sosa_extend:Thermometer": "temperature",
}

_MEMORY: Final = {
    "s3n_extend:RAM": ("RAM", RegionKind.SRAM, "freeSramBytes"),
    "s3n_extend:Flash": ("Flash", RegionKind.FLASH, "freeFlashBytes"),
}

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Device:
    """One file's description of one device.

    Attributes:
        key: last part of its IRI, the same for a device that two editions describe.
        mcu: what the file calls the microcontroller: mostly what it calls the whole board.
        free: name and kind of region to free bytes.
    """

    key: str
    name: str
    mcu: str
    source: str
    sensors: frozenset[str]
    free: Mapping[tuple[str, RegionKind], int]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


def read_device(described: Described, iri: str, source: str) -> Device:
    """A device as one file describes it.

    Args:
        described: the file.
        iri: of the device.
        source: where the file comes from.

    Raises:
        InvalidImportError: it has no RAM or no flash, or an amount is unknown.
    """
    key = iri.rpartition("/")[2]
    findings: list[Finding] = []
    systems = described.parts(iri, "ssn:hasSubSystem")
    free: dict[tuple[str, RegionKind], int] = {}
    claims = []
    for kind, n_bytes in _memory(described, systems, key):
        name, region, claimed = _MEMORY[kind]
        free[name, region] = n_bytes
        claims.append(claim(claimed, n_bytes, source))
    for kind, (name, _, _) in _MEMORY.items():
        if not any(name == known for known, _ in free):
            raise InvalidImportError(
                f"device {key} says nothing of its {kind.partition(':')[2]}",
                hint="get the file again from its source; nothing was imported",
            )
    kinds = [kind for system in systems for kind in described.names(system, "rdf:type")]
    sensors = {found for kind in kinds if (found := _sensor(kind, key, findings))}
    return Device(
        key=key,
        name=_name(described, iri, key),
        mcu=_mcu(described, systems) or _name(described, iri, key),
        source=source,
        sensors=frozenset(sensors),
        free=free,
        claims=tuple(claims),
        findings=tuple(findings),
    )


def boards_of(devices: Iterable[Device]) -> tuple[tuple[Board, ...], tuple[Finding, ...]]:
    """One board a device, whichever editions describe it, and what was odd.

    Where editions contradict each other, both claims are kept and the smaller figure is matched.
    """
    by_key: dict[str, list[Device]] = defaultdict(list)
    findings: list[Finding] = []
    for device in devices:
        by_key[device.key].append(device)
        findings += device.findings
    boards = tuple(_board(key, same) for key, same in sorted(by_key.items()))
    for board in boards:
        findings.append(Finding(board.board_id, "does not say which operators it supports"))
        findings.append(
            Finding(board.board_id, "names neither the part of its microcontroller nor a core")
        )
    return boards, tuple(findings)


def board_id(key: str) -> str:
    """``arduino-nano-ble-33-322-000-000-002`` for the end of a device's IRI."""
    return _NO_SLUG.sub("-", key.lower()).strip("-")


def _board(key: str, same: list[Device]) -> Board:
    places = sorted({place for device in same for place in device.free})
    return Board(
        board_id=board_id(key),
        name=same[0].name,
        vendor="",
        mcu=same[0].mcu,
        cpu_core="",
        isa_class=None,
        clock_hz=None,
        regions=tuple(
            MemoryRegion(
                name=name,
                kind=kind,
                base_address=None,
                size_bytes=min(d.free[name, kind] for d in same if (name, kind) in d.free),
                status=ClaimStatus.UNCHECKED,
            )
            for name, kind in places
        ),
        sensors=tuple(sorted({sensor for device in same for sensor in device.sensors})),
        sources=tuple(sorted({device.source for device in same})),
        claims=canonical_claims(one for device in same for one in device.claims),
        isa_status=ClaimStatus.UNCHECKED,
    )


def _memory(described: Described, systems: Iterable[str], key: str) -> Iterable[tuple[str, int]]:
    for system in systems:
        for capability in described.parts(system, "s3n:hasSystemCapability"):
            for part in described.parts(capability, "ssn-system:hasSystemProperty"):
                for kind in set(described.names(part, "rdf:type")) & set(_MEMORY):
                    what = f"the {kind.partition(':')[2]} of device {key}"
                    units = described.names(part, "schema:unitCode") or ("no unit",)
                    yield kind, memory_bytes(described.text(part, "schema:value"), units[0], what)


def _sensor(kind: str, key: str, findings: list[Finding]) -> str | None:
    """Our word for a kind of sensor; what is odd about theirs goes to the findings."""
    if not kind.startswith("sosa_extend:"):
        return None
    if kind in SENSORS:
        return SENSORS[kind]
    meant = kind.replace("::", ":")
    if meant in SENSORS:
        findings.append(Finding(key, f"{kind} is misspelt and taken for {meant}"))
        return SENSORS[meant]
    findings.append(Finding(key, f"{kind} is no known kind of sensor; left out"))
    return None


def _name(described: Described, iri: str, key: str) -> str:
    found = described.texts(iri, "td:description") or described.texts(iri, "td:title")
    return _plain(found) or key


def _mcu(described: Described, systems: Iterable[str]) -> str:
    return _plain(
        text
        for system in systems
        if "s3n:MicroController" in described.names(system, "rdf:type")
        for text in described.texts(system, "rdfs:comment")
    )


def _plain(texts: Iterable[str]) -> str:
    return min(texts, default="").strip().rstrip(".")
