"""Reads what matching needs out of the graph, by the queries in ``queries/``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import prod

from pyoxigraph import NamedNode

from fitgraph.matcher.facts import InstructionCount, ModelNeeds, OperatorUse, Refusal
from fitgraph.matcher.query_files import query_text
from fitgraph.registry.board import Board, McuLink, MemoryRegion, RegionKind
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import key_of, operator_name, runtime_iri
from fitgraph.registry.lookup import nearest_hint
from fitgraph.registry.memory_region import in_order
from fitgraph.registry.model_graph import DType
from fitgraph.registry.resources import Resources
from fitgraph.registry.runtime import OperatorSupport, Runtime
from fitgraph.registry.store_base import Store
from fitgraph.registry.triples.board import EXACT_PART
from fitgraph.registry.triples.claim import canonical_claims
from fitgraph.registry.triples.reading import local_name
from fitgraph.registry.triples.terms import python_value

Value = str | int | float | bool
Record = Mapping[str, Value]


def read(store: Store, name: str, **bindings: str | None) -> tuple[Record, ...]:
    """Rows of a query as Python values; IRIs as text, what is unbound is absent.

    Args:
        name: of the query.
        **bindings: variables to IRIs; None leaves a variable free.
    """
    bound = {variable: NamedNode(iri) for variable, iri in bindings.items() if iri is not None}
    rows = store.query(query_text(name), bound)
    return tuple({column: python_value(term) for column, term in row.items()} for row in rows)


def models(
    store: Store, model: str | None = None, called: str | None = None
) -> tuple[ModelNeeds, ...]:
    """All models by name, or the one with this IRI.

    Args:
        store: to read.
        model: IRI; None reads all.
        called: of several names the one to use, if a model has it; else the first counts.
    """
    operators = _grouped(read(store, "model_operators", model=model), "model")
    tensors = _grouped(read(store, "model_inputs_outputs", model=model), "model")
    named = sorted(
        read(store, "models", model=model), key=lambda row: (row["name"] != called, row["name"])
    )
    return tuple(
        ModelNeeds(
            name=str(rows[0]["name"]),
            sha256=str(rows[0]["sha256"]),
            operators=_operator_uses(operators[iri]),
            largest_io_bytes=_largest(tensors[iri]),
            source=iri,
            input_elements=_input_elements(tensors[iri]),
            macs=_optional(rows[0], "macs"),
        )
        for iri, rows in _grouped(named, "model").items()
    )


def boards(store: Store, board: str | None = None) -> tuple[Board, ...]:
    """All boards by id, or the one with this IRI; without sensors, radios and sources.

    Of claims only those of memory are read, and of other clocks.
    """
    regions = _grouped(read(store, "board_regions", board=board), "board")
    claims = _grouped(read(store, "board_claims", board=board), "board")
    found = [
        Board(
            board_id=str(row["board_id"]),
            name=str(row["label"]),
            vendor=str(row.get("vendor", "")),
            mcu=str(row["mcu"]),
            cpu_core=str(row.get("cpu_core", "")),
            isa_class=key_of(str(row["isa_class"])) if "isa_class" in row else None,
            clock_hz=_optional(row, "clock_hz"),
            regions=in_order(tuple(map(_region, regions[str(row["board"])]))),
            mcu_link=_mcu_link(row),
            isa_status=_status(row, "isa_status"),
            claims=canonical_claims(map(_claim, claims[str(row["board"])])),
        )
        for row in read(store, "boards", board=board)
    ]
    return tuple(sorted(found, key=lambda one: one.board_id))


def price_classes(store: Store) -> Mapping[str, int]:
    """Price classes by the id of the board, where a source tells one; the dearest of several."""
    found: dict[str, int] = {}
    for row in read(store, "price_classes"):
        board_id = str(row["board_id"])
        found[board_id] = max(found.get(board_id, 0), int(row["price_class"]))
    return found


def runtime(store: Store, name: str) -> Runtime:
    """The runtime of that name, with what matching needs of it.

    Raises:
        NotFoundError: there is none.
    """
    iri = runtime_iri(name)
    rows = read(store, "runtime_classes", runtime=iri)
    if not rows:
        names = Resources(store).names("runtime")
        raise NotFoundError(
            f"there is no runtime {name!r}", hint=nearest_hint("runtime", name, names)
        )
    return Runtime(
        name=name,
        label=name,
        operators=_operator_supports(read(store, "runtime_operators", runtime=iri)),
        isa_classes=tuple(sorted({key_of(str(r["isa_class"])) for r in rows if "isa_class" in r})),
        footprint_from=Evidence.MISSING,
        source=iri,
        licence="",
        fallback=key_of(str(rows[0].get("fallback", ""))),
        unlisted_sets=tuple(
            sorted({key_of(str(r["unlisted_set"])) for r in rows if "unlisted_set" in r})
        ),
        is_converting=bool(rows[0].get("converts", False)),
        npu=str(rows[0].get("npu", "")),
    )


def footprints(
    store: Store, runtime_name: str, model: str | None = None
) -> dict[str, list[Footprint]]:
    """Footprints under a runtime by the digest of their model; see the query's bindings."""
    found = defaultdict(list)
    for row in read(store, "footprints", runtime=runtime_iri(runtime_name), model=model):
        footprint = _footprint(row, runtime_name)
        found[footprint.model_sha256].append(footprint)
    return found


def instruction_counts(
    store: Store, runtime_name: str, model: str | None = None
) -> dict[str, list[InstructionCount]]:
    """Instructions of an inference under a runtime by the digest of their model."""
    found = defaultdict(list)
    for row in read(store, "instruction_counts", runtime=runtime_iri(runtime_name), model=model):
        count = InstructionCount(
            isa_class=key_of(str(row["isa_class"])),
            instructions=int(row["instructions"]),
            source=str(row["proof"]),
        )
        found[key_of(str(row["model"]))].append(count)
    return found


def refusals(store: Store, runtime_name: str, model: str | None = None) -> dict[str, Refusal]:
    """Why a runtime's own interpreter refused models, by their digest."""
    rows = read(store, "refusals", runtime=runtime_iri(runtime_name), model=model)
    return {
        key_of(str(row["model"])): Refusal(str(row["refusal"]), str(row["measurement"]))
        for row in rows
    }


def sensors(store: Store, board: str | None = None) -> dict[str, tuple[str, ...]]:
    """Kinds of sensors by the id of the board."""
    groups = _grouped(read(store, "board_sensors", board=board), "board")
    return {
        key_of(iri): tuple(sorted(str(r["sensor"]) for r in rows)) for iri, rows in groups.items()
    }


def accuracies(store: Store, model: str | None = None) -> dict[str, dict[str, float]]:
    """Accuracy by the digest of the model and its metric, the lowest of several."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in read(store, "accuracies", model=model):
        of_model, metric = found[key_of(str(row["model"]))], str(row.get("metric", ""))
        accuracy = float(row["accuracy"])
        of_model[metric] = min(accuracy, of_model.get(metric, accuracy))
    return found


def sensor_kinds(store: Store) -> tuple[str, ...]:
    """Names of all kinds of sensors, by the vocabulary and on boards."""
    return tuple(sorted(str(row["kind"]) for row in read(store, "sensor_kinds")))


def _footprint(row: Record, runtime_name: str) -> Footprint:
    return Footprint(
        model_sha256=key_of(str(row["model"])),
        runtime=runtime_name,
        isa_class=key_of(str(row["isa_class"])),
        toolchain=str(row["toolchain"]),
        arena_bytes=int(row["arena_bytes"]),
        static_bytes=int(row["static_bytes"]),
        stack_bytes=int(row["stack_bytes"]),
        flash_bytes=int(row["flash_bytes"]),
        code_bytes=int(row["code_bytes"]),
        weights_bytes=int(row["weights_bytes"]),
        evidence=Evidence(local_name(str(row["evidence"]))),
        source=str(row["footprint"]),
        arena_evidence=_evidence(row, "arena_evidence"),
        arena_parts=tuple(map(int, str(row.get("arena_parts", "")).split())),
        arena_bound_bytes=_optional(row, "arena_bound_bytes"),
    )


def _evidence(row: Record, column: str) -> Evidence | None:
    return Evidence(local_name(str(row[column]))) if column in row else None


def _claim(row: Record) -> Claim:
    return Claim(
        property_name=local_name(str(row["property"])),
        value=row["value"],
        status=ClaimStatus(local_name(str(row["status"]))),
        sources=(str(row["source"]),),
    )


def _region(row: Record) -> MemoryRegion:
    return MemoryRegion(
        name=str(row["region_name"]),
        kind=RegionKind(local_name(str(row["kind"]))),
        base_address=_optional(row, "base_address"),
        size_bytes=int(row["size_bytes"]),
        reserve_bytes=int(row["reserve_bytes"]),
        status=_status(row, "status"),
    )


def _mcu_link(row: Record) -> McuLink | None:
    if "mcu_iri" not in row:
        return None
    return McuLink(
        mcu_id=key_of(str(row["mcu_iri"])),
        is_exact=local_name(str(row["link_kind"])) == EXACT_PART,
        reason=str(row.get("link_reason", "")),
    )


def _status(row: Record, column: str) -> ClaimStatus:
    """A status; what has none was written by a version that took sourced facts alone."""
    return ClaimStatus(local_name(str(row[column]))) if column in row else ClaimStatus.SOURCED


def _operator_uses(rows: Iterable[Record]) -> tuple[OperatorUse, ...]:
    uses = [
        OperatorUse(
            operator=operator_name(str(parts[0]["operator"])),
            version=int(parts[0]["version"]),
            dtypes=frozenset(local_name(str(part["dtype"])) for part in parts if "dtype" in part),
        )
        for parts in _grouped(rows, "use").values()
    ]
    return tuple(sorted(uses, key=lambda use: (use.operator, use.version, sorted(use.dtypes))))


def _operator_supports(rows: Iterable[Record]) -> tuple[OperatorSupport, ...]:
    supports = [
        OperatorSupport(
            operator=operator_name(operator),
            dtypes=tuple(
                sorted(DType(local_name(str(part["dtype"]))) for part in parts if "dtype" in part)
            ),
            max_version=_optional(parts[0], "max_version"),
            min_version=_optional(parts[0], "min_version"),
            refuses_hybrid=bool(parts[0].get("refuses_hybrid", False)),
        )
        for operator, parts in _grouped(rows, "operator").items()
    ]
    return tuple(sorted(supports, key=lambda support: support.operator))


def _largest(rows: Iterable[Record]) -> int | None:
    """Size of the largest tensor; None where a size is not known."""
    rows = tuple(rows)
    if not all("size_bytes" in row for row in rows):
        return None
    return max((int(row["size_bytes"]) for row in rows), default=None)


def _input_elements(rows: Iterable[Record]) -> int | None:
    """Values of the largest input; None where a dimension is symbolic."""
    shapes = [json.loads(str(row["shape"])) for row in rows if row["is_input"]]
    if not all(isinstance(size, int) for shape in shapes for size in shape):
        return None
    return max(map(prod, shapes), default=None)


def _optional(row: Record, column: str) -> int | None:
    return int(row[column]) if column in row else None


def _grouped(rows: Iterable[Record], column: str) -> defaultdict[str, list[Record]]:
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[str(row[column])].append(row)
    return groups
