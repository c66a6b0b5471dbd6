"""Holds what is claimed of a model against what its file shows. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fitgraph.compiler_bridge.audit_layers import operator_dtypes, same_dtypes
from fitgraph.compiler_bridge.reference.tflm_arena import STEP_BYTES
from fitgraph.registry.claim import Claim, ClaimValue
from fitgraph.registry.facts import ModelFacts
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.layer_names import operator_types
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.model_graph import ModelGraph


class AuditVerdict(StrEnum):
    """What becomes of a claim, worst first."""

    WRONG = "wrong"
    UNKNOWN = "unknown"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class AuditedClaim:
    """A claim, and what was found.

    Attributes:
        model: name that the describers call the model by.
        property_name: local name of the property: ``macs``, ``sramBytes``.
        measured: None where it could not be measured.
        ratio: claimed over measured, for numbers.
        note: what the reader should know, or an empty string.
        measurements: of arenas, under whatever runtimes and on whatever machines there are.
    """

    model: str
    property_name: str
    claimed: ClaimValue
    measured: ClaimValue | None
    ratio: float | None
    verdict: AuditVerdict
    note: str
    sources: tuple[str, ...]
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was measured of one model.

    Attributes:
        arena: of TFLM on this machine; None where it was not measured.
        footprints: of whatever runtimes there are.
        elsewhere: arenas on other machines.
    """

    graph: ModelGraph
    facts: ModelFacts
    arena: Measurement | None = None
    footprints: tuple[Footprint, ...] = ()
    elsewhere: tuple[Measurement, ...] = ()

    @property
    def arenas(self) -> tuple[Measurement, ...]:
        return self.elsewhere if self.arena is None else (self.arena, *self.elsewhere)


@dataclass(frozen=True, slots=True)
class _Finding:
    measured: ClaimValue | None = None
    verdict: AuditVerdict = AuditVerdict.UNKNOWN
    note: str = ""


_Check = Callable[[ClaimValue, Evidence], _Finding]


def audit(
    descriptions: Iterable[ModelDescription], evidence: Mapping[str, Evidence]
) -> tuple[AuditedClaim, ...]:
    """Every claim of every description: the wrong ones first, then by model and property.

    Args:
        evidence: by SHA-256 of the model's file.
    """
    descriptions = tuple(descriptions)
    found = [
        _audited(description, claim, evidence.get(description.model_sha256 or ""))
        for description in descriptions
        for claim in description.claims
    ]
    found += _double_descriptions(descriptions)
    order = list(AuditVerdict)
    return tuple(
        sorted(found, key=lambda a: (order.index(a.verdict), a.model, a.property_name, str(a)))
    )


def _audited(
    description: ModelDescription, claim: Claim, evidence: Evidence | None
) -> AuditedClaim:
    check = _CHECKS.get(claim.property_name, _not_measurable)
    if evidence is None:
        finding = _Finding(note="the model's file is not known")
    else:
        finding = check(claim.value, evidence)
    return AuditedClaim(
        model=description.name,
        property_name=claim.property_name,
        claimed=claim.value,
        measured=finding.measured,
        ratio=_ratio(claim.value, finding.measured),
        verdict=finding.verdict,
        note=finding.note,
        sources=claim.sources,
        measurements=evidence.arenas if evidence and claim.property_name == "sramBytes" else (),
    )


def _double_descriptions(descriptions: Sequence[ModelDescription]) -> list[AuditedClaim]:
    """Descriptions of one file that say it puts out different things: at most one is right."""
    by_file: dict[str, list[ModelDescription]] = defaultdict(list)
    for description in descriptions:
        if description.model_sha256 is not None and description.output_info:
            by_file[description.model_sha256].append(description)
    return [
        AuditedClaim(
            model=one.name,
            property_name="outputInfo",
            claimed=one.output_info,
            measured=None,
            ratio=None,
            verdict=AuditVerdict.WRONG,
            note=f"{other.name} is the same file, and is said to put out {other.output_info!r}",
            sources=one.sources,
        )
        for same in by_file.values()
        for one in same
        for other in same
        if other is not one and other.output_info != one.output_info
    ]


def _equal(claimed: ClaimValue, measured: ClaimValue | None, note: str = "") -> _Finding:
    if measured is None:
        return _Finding(note=note or "could not be counted")
    right = claimed == measured
    return _Finding(measured, AuditVerdict.RIGHT if right else AuditVerdict.WRONG, note)


def _macs(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    return _equal(claimed, evidence.facts.macs)


def _parameters(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    return _equal(claimed, evidence.facts.params)


def _flash(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    """The figure of a file can be right; what a firmware takes is another one."""
    taken = [
        f"{f.runtime} takes {f.flash_bytes:,} B on {f.isa_class}"
        for f in sorted(evidence.footprints, key=lambda f: (f.runtime, f.isa_class))[:1]
    ]
    note = "; ".join(
        (
            f"the file alone, {evidence.facts.const_bytes:,} B of it constants; no code is counted",
            *taken,
        )
    )
    return _equal(claimed, evidence.graph.file_bytes, note)


def _sram(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    """Against the arena that TFLM needs, which is measured in steps of 16 bytes."""
    arena = evidence.arena
    if arena is None:
        return _Finding(note="TFLM's arena was not measured")
    if arena.arena_bytes is None:
        return _Finding(note=f"TFLM refuses the model: {arena.refusal}")
    above = float(claimed) - arena.arena_bytes
    where = f"the arena of {arena.toolchain} on {arena.machine}"
    ours = min((f.sram_bytes for f in evidence.footprints), default=None)
    note = where if ours is None else f"{where}; fitgraph-c takes {ours:,} B in all"
    others = "".join(f"; {_need(one, claimed)}" for one in evidence.elsewhere if one.arena_bytes)
    if abs(above) < STEP_BYTES:
        return _Finding(arena.arena_bytes, AuditVerdict.RIGHT, note + others)
    danger = "" if above > 0 else "; less than is needed"
    return _Finding(arena.arena_bytes, AuditVerdict.WRONG, note + danger + others)


def _need(measured: Measurement, claimed: ClaimValue) -> str:
    """What a model needs elsewhere, and whether the claim falls short of it."""
    needed = measured.arena_bytes or 0
    danger = ", more than is claimed" if needed > float(claimed) else ""
    return f"{measured.runtime} on {measured.machine} needs {needed:,} B{danger}"


def _runtime(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    """Whether TFLM runs what is said to be for it."""
    arena = evidence.arena
    if str(claimed) not in _TFLM_NAMES or arena is None:
        return _Finding(note="was not tried")
    if arena.refusal:
        return _Finding("refused", AuditVerdict.WRONG, arena.refusal)
    return _Finding(str(claimed), AuditVerdict.RIGHT, f"{arena.toolchain} runs it")


def _layer_types(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    actual = " ".join(operator.op_type for operator in evidence.graph.operators)
    right = operator_types(str(claimed)) == tuple(actual.split())
    return _Finding(actual, AuditVerdict.RIGHT if right else AuditVerdict.WRONG)


def _layer_dtypes(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    actual = operator_dtypes(evidence.graph)
    right = same_dtypes(str(claimed), actual)
    shown = " ".join("-" if not dtypes else "/".join(dtypes) for dtypes in actual)
    return _Finding(
        shown,
        AuditVerdict.RIGHT if right else AuditVerdict.WRONG,
        "of the constants of each operator, else of its inputs",
    )


def _input_shape(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    return _equal(claimed, _shape(evidence.facts.inputs[0].shape))


def _output_shape(claimed: ClaimValue, evidence: Evidence) -> _Finding:
    return _equal(claimed, _shape(evidence.facts.outputs[0].shape))


def _shape(shape: Sequence[int | str]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _accuracy(claimed: ClaimValue, _evidence: Evidence) -> _Finding:
    if claimed == 0:
        return _Finding(note="0 stands for an accuracy that is not known")
    return _Finding(note="no test data is known to measure it on")


def _not_measurable(_claimed: ClaimValue, _evidence: Evidence) -> _Finding:
    return _Finding(note="a model's file does not tell")


def _ratio(claimed: ClaimValue, measured: ClaimValue | None) -> float | None:
    if isinstance(claimed, str) or isinstance(measured, str) or not measured:
        return None
    return float(claimed) / float(measured)


#: What describers call TensorFlow Lite for Microcontrollers.
_TFLM_NAMES = frozenset({"TFLite Micro", "TFLM", "TensorFlow Lite for Microcontrollers"})

_CHECKS: Mapping[str, _Check] = {
    "accuracy": _accuracy,
    "flashBytes": _flash,
    "inputShape": _input_shape,
    "layerDtypes": _layer_dtypes,
    "layerTypes": _layer_types,
    "macs": _macs,
    "outputShape": _output_shape,
    "parameters": _parameters,
    "runtime": _runtime,
    "sramBytes": _sram,
}
