"""Hypothesis strategies for the registry's records."""

from __future__ import annotations

import string
from typing import Final

from hypothesis import strategies as st

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.facts import ModelFacts, OperatorUse, TensorSpec
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.model_graph import DType, Quantization
from fitgraph.registry.model_record import ModelRecord, TensorRecord
from fitgraph.registry.proof import FirmwarePart, Proof, ProofInputs, RegionUse
from fitgraph.registry.runtime import OperatorSupport, Runtime
from fitgraph.registry.triples.tensor import tensor_spec
from fitgraph.registry.variant import Variant

#: Any text that has a UTF-8 form, quotes, new lines and control characters included.
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
DIGESTS: Final = st.text("0123456789abcdef", min_size=64, max_size=64)
SLUGS: Final = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,3}", fullmatch=True)
COUNTS: Final = st.integers(0, 1 << 62)
FLOATS: Final = st.floats(allow_nan=False, allow_infinity=False)
DTYPES: Final = st.sampled_from(DType)
ISA_NAMES: Final = st.sampled_from(sorted(ISA_CLASSES))
EVIDENCE: Final = st.sampled_from(Evidence)
OP_TYPES: Final = st.text(string.ascii_letters + string.digits + "_:./ ", min_size=1, max_size=12)
OPERATORS: Final = st.builds(
    "{}:{}".format, st.sampled_from(["tflite", "onnx", "com.microsoft"]), OP_TYPES
)
TIMES: Final = st.datetimes().map(lambda moment: moment.isoformat() + "Z")


@st.composite
def regions(draw: st.DrawFn) -> tuple[MemoryRegion, ...]:
    """Regions with names of their own, one after the other."""
    names = draw(st.lists(TEXTS, unique=True, max_size=4))
    base, found = draw(st.integers(0, 1 << 20)), []
    for name in names:
        size = draw(st.integers(1, 1 << 20))
        reserve = draw(st.integers(0, size))
        reason = draw(TEXTS) if reserve else ""
        kind = draw(st.sampled_from(RegionKind))
        found.append(MemoryRegion(name, kind, base, size, reserve, reason))
        base += size + draw(st.integers(0, 1 << 20))
    return tuple(draw(st.permutations(found)))


BOARDS: Final = st.builds(
    Board,
    board_id=SLUGS,
    name=TEXTS,
    vendor=TEXTS,
    mcu=TEXTS,
    cpu_core=TEXTS,
    isa_class=ISA_NAMES,
    clock_hz=COUNTS,
    regions=regions(),
    sensors=st.lists(TEXTS, max_size=3).map(tuple),
    radios=st.lists(TEXTS, max_size=3).map(tuple),
    sources=st.lists(TEXTS, max_size=3).map(tuple),
)

FOOTPRINTS: Final = st.builds(
    Footprint,
    model_sha256=DIGESTS,
    runtime=SLUGS,
    isa_class=ISA_NAMES,
    toolchain=TEXTS,
    arena_bytes=COUNTS,
    static_bytes=COUNTS,
    stack_bytes=COUNTS,
    flash_bytes=COUNTS,
    code_bytes=COUNTS,
    weights_bytes=COUNTS,
    evidence=EVIDENCE,
    source=TEXTS | st.just(""),
    arena_evidence=st.none() | EVIDENCE,
)

VERSIONS: Final = st.none() | st.integers(1, 100)
RUNTIMES: Final = st.builds(
    Runtime,
    name=SLUGS,
    label=TEXTS,
    operators=st.lists(
        st.builds(
            OperatorSupport,
            operator=OPERATORS,
            dtypes=st.lists(DTYPES, max_size=3).map(tuple),
            max_version=VERSIONS,
            min_version=VERSIONS,
            refuses_hybrid=st.booleans(),
        ),
        max_size=4,
        unique_by=lambda support: support.operator,
    ).map(tuple),
    isa_classes=st.lists(ISA_NAMES, max_size=3).map(tuple),
    footprint_from=EVIDENCE,
    source=TEXTS,
    licence=TEXTS,
)

PARTS: Final = st.lists(
    st.builds(FirmwarePart, TEXTS, COUNTS, st.none() | st.integers(1, 1 << 40)),
    max_size=3,
    unique_by=lambda part: part.name,
).map(tuple)

PROOFS: Final = st.builds(
    Proof,
    model_sha256=DIGESTS,
    board_id=SLUGS,
    runtime=SLUGS,
    isa_class=ISA_NAMES,
    toolchain=TEXTS,
    firmware_sha256=DIGESTS,
    emulator=TEXTS,
    reference=TEXTS,
    n_inputs=COUNTS,
    n_outputs_compared=COUNTS,
    worst_difference=FLOATS,
    instructions_per_inference=COUNTS,
    stack_high_water_bytes=COUNTS,
    regions=st.lists(
        st.builds(RegionUse, TEXTS, COUNTS, COUNTS), max_size=3, unique_by=lambda use: use.region
    ).map(tuple),
    created_at=TIMES,
    stack_bound_bytes=st.none() | COUNTS,
    sources_sha256=st.just("") | DIGESTS,
    toolchain_sha256=st.just("") | DIGESTS,
    inputs=st.none() | st.builds(ProofInputs, st.sampled_from(["given", "random"]), DIGESTS),
    outputs_sha256=st.just("") | DIGESTS,
    sections=PARTS,
    symbols=PARTS,
    arena_budget_bytes=st.none() | st.integers(1, 1 << 30),
    packed_weights=st.booleans(),
    called_library=st.just("") | TEXTS,
    called_library_sha256=st.just("") | DIGESTS,
    model_name=st.just("") | TEXTS,
)

VARIANTS: Final = st.builds(
    Variant,
    model_sha256=DIGESTS,
    source_sha256=DIGESTS,
    recipe=TEXTS,
    calibration_sha256=st.none() | DIGESTS,
    metric=TEXTS | st.just(""),
    accuracy_before=st.none() | FLOATS,
    accuracy_after=st.none() | FLOATS,
)

OPERATOR_USES: Final = st.builds(
    OperatorUse,
    name=OPERATORS,
    version=st.integers(1, 100),
    input_dtypes=st.lists(st.none() | DTYPES, max_size=4).map(tuple),
    output_dtypes=st.lists(DTYPES, max_size=2).map(tuple),
    count=st.integers(1, 100),
)


@st.composite
def quantizations(draw: st.DrawFn) -> Quantization:
    """Per tensor, or per slice along an axis."""
    slices = draw(st.integers(1, 4))
    scales = draw(st.lists(FLOATS, min_size=slices, max_size=slices))
    zero_points = draw(st.lists(st.integers(-128, 127), min_size=slices, max_size=slices))
    axis = draw(st.integers(0, 3) if slices > 1 else st.none() | st.integers(0, 3))
    return Quantization(tuple(scales), tuple(zero_points), axis)


@st.composite
def tensors(draw: st.DrawFn, position: int) -> TensorRecord:
    """A tensor as a reader gives it: a constant's slices stay in the file."""
    quantization = draw(st.none() | quantizations())
    is_constant = draw(st.booleans())
    slices = len(quantization.scales) if quantization else 0
    return TensorRecord(
        position=position,
        name=draw(TEXTS | st.just("")),
        shape=tuple(draw(st.lists(st.integers(0, 9) | TEXTS, max_size=4))),
        dtype=draw(DTYPES),
        is_constant=is_constant,
        is_variable=draw(st.booleans()),
        size_bytes=draw(st.none() | COUNTS),
        quantization=None if is_constant and slices > 1 else quantization,
        slices=slices,
        axis=quantization.axis if quantization else None,
    )


def _specs(found: tuple[TensorRecord, ...], positions: tuple[int, ...]) -> tuple[TensorSpec, ...]:
    return tuple(tensor_spec(found[position]) for position in positions)


@st.composite
def models(draw: st.DrawFn) -> ModelRecord:
    """Models whose facts agree with each other, as ``model_facts`` makes them."""
    count = draw(st.integers(1, 4))
    found = tuple(draw(tensors(position)) for position in range(count))
    places = st.lists(st.integers(0, count - 1), max_size=3).map(tuple)
    inputs, outputs = draw(places), draw(places)
    uses = draw(
        st.lists(
            OPERATOR_USES,
            max_size=4,
            unique_by=lambda u: (u.name, u.version, u.input_dtypes, u.output_dtypes),
        )
    )
    uses.sort(key=lambda u: (u.name, u.version, str(u.input_dtypes), str(u.output_dtypes)))
    counts: dict[str, int] = {}
    for use in uses:
        op_type = use.name.partition(":")[2]
        counts[op_type] = counts.get(op_type, 0) + use.count
    dtypes = st.lists(DTYPES, unique=True, max_size=4).map(lambda some: tuple(sorted(some)))
    facts = ModelFacts(
        operators=tuple(uses),
        op_counts=counts,
        inputs=_specs(found, inputs),
        outputs=_specs(found, outputs),
        params=draw(COUNTS),
        const_bytes=draw(COUNTS),
        macs=draw(st.none() | COUNTS),
        macs_by_op=draw(st.dictionaries(OP_TYPES, COUNTS, max_size=3)),
        macs_unknown_for=tuple(sorted(draw(st.sets(OPERATORS, max_size=2)))),
        activation_dtypes=draw(dtypes),
        weight_dtypes=draw(dtypes),
        peak_activation_bytes=draw(st.none() | COUNTS),
        peak_op_index=draw(st.none() | COUNTS),
    )
    return ModelRecord(
        sha256=draw(DIGESTS),
        names=tuple(sorted(draw(st.sets(TEXTS, min_size=1, max_size=3)))),
        model_format=draw(st.sampled_from(["onnx", "tflite"])),
        file_bytes=draw(COUNTS),
        facts=facts,
        tensors=found,
        inputs=inputs,
        outputs=outputs,
    )
