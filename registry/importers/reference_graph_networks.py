"""Networks of the reference graph become model descriptions: what is claimed of a model."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fitgraph.registry.claim import Claim, ClaimValue
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.reference_graph_devices import SENSORS
from fitgraph.registry.importers.reference_graph_files import RELATIVE
from fitgraph.registry.importers.reference_graph_records import Finding, claim
from fitgraph.registry.importers.reference_graph_terms import Described
from fitgraph.registry.importers.reference_graph_units import memory_bytes, number
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.triples.claim import canonical_claims

NETWORK: Final = "nnet:NeuralNetwork"

_NEEDS: Final = {"s3n_extend:RAM": "sramBytes", "s3n_extend:Flash": "flashBytes"}
_NO_DATASET: Final = f"{RELATIVE}None"
_SHAPE: Final = re.compile(r"\[\s*\d+(\s+\d+)*\s*\]")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
#: What stands for a layer whose element type is not given.
UNTYPED: Final = "-"


@dataclass(frozen=True, slots=True)
class Network:
    """One file's description of one network.

    Attributes:
        key: its identifier, the same for a network that two editions describe.
    """

    key: str
    iri: str
    name: str
    source: str
    summary: str
    input_info: str
    output_info: str
    sensors: frozenset[str]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


def read_network(described: Described, iri: str, source: str) -> Network:
    """A network as one file describes it.

    Args:
        described: the file.
        iri: of the network.
        source: where the file comes from.

    Raises:
        InvalidImportError: it lacks a name or an identifier, or a figure is impossible.
    """
    key, name = described.text(iri, "schema:identifier"), described.text(iri, "schema:name")
    if not _IDENTIFIER.fullmatch(key) or not name.isprintable() or len(name) > 80:
        raise InvalidImportError(f"{iri} has an identifier or a name that is none: {key[:40]!r}")
    findings: list[Finding] = []
    inputs = described.parts(iri, "ssn:hasInput")
    outputs = described.parts(iri, "ssn:hasOutput")
    claimed: dict[str, ClaimValue] = {
        **_needs(described, iri, name),
        **_work(described, iri, name),
        **_accuracy(described, iri, name, findings),
        **_dataset(described, iri, name, findings),
        **_layers(described, iri),
        **_runtime(described, iri),
    }
    return Network(
        key=key,
        iri=iri,
        name=name,
        source=source,
        summary=_first(described, iri, "schema:description"),
        input_info=" ".join(_first(described, part, "nnet:hasInputInfo") for part in inputs),
        output_info=" ".join(_first(described, part, "nnet:hasOutputInfo") for part in outputs),
        sensors=frozenset(_sensors(described, inputs, name, findings)),
        claims=tuple(claim(about, value, source) for about, value in claimed.items()),
        findings=tuple(findings),
    )


def descriptions_of(
    networks: Iterable[Network], digests: Mapping[str, str]
) -> tuple[tuple[ModelDescription, ...], tuple[Finding, ...]]:
    """One description a network, whichever editions describe it, and what was odd.

    Args:
        digests: SHA-256 of the files that lie beside the descriptions, by model name.
    """
    by_key: dict[str, list[Network]] = defaultdict(list)
    for network in networks:
        by_key[network.key].append(network)
    made = tuple(_description(key, same, digests) for key, same in sorted(by_key.items()))
    odd = {finding for same in by_key.values() for one in same for finding in one.findings}
    return made, tuple(sorted(odd))


def _description(key: str, same: list[Network], digests: Mapping[str, str]) -> ModelDescription:
    first = same[0]
    return ModelDescription(
        description_id=key,
        name=first.name,
        model_sha256=digests.get(first.name),
        input_sensors=tuple(sorted({sensor for one in same for sensor in one.sensors})),
        summary=first.summary,
        input_info=first.input_info,
        output_info=first.output_info,
        claims=canonical_claims(claim for one in same for claim in one.claims),
        derived_from=tuple(sorted({one.iri for one in same})),
        sources=tuple(sorted({one.source for one in same})),
    )


def _needs(described: Described, iri: str, name: str) -> dict[str, int]:
    needs = {}
    for feature in described.parts(iri, "s3n:hasProcedureFeature"):
        for part in described.parts(feature, "ssn-system:inCondition"):
            for kind in set(described.names(part, "rdf:type")) & set(_NEEDS):
                what = f"the {kind.partition(':')[2]} that {name} needs"
                units = described.names(part, "schema:unitCode") or ("no unit",)
                needs[_NEEDS[kind]] = memory_bytes(
                    described.text(part, "schema:minValue"), units[0], what
                )
    return needs


def _work(described: Described, iri: str, name: str) -> dict[str, int]:
    if not described.texts(iri, "nnet:hasMultiplyAccumulateOps"):
        return {}
    text = described.text(iri, "nnet:hasMultiplyAccumulateOps")
    macs = number(text, f"the number of multiply-accumulates of {name}")
    if macs < 0 or macs != macs.to_integral_value():
        raise InvalidImportError(f"{name} has {text} multiply-accumulates, which is no count")
    return {"macs": int(macs)}


def _accuracy(
    described: Described, iri: str, name: str, findings: list[Finding]
) -> dict[str, float]:
    """Top-1 accuracy as a share; theirs is in per cent, and 0 where they do not know it."""
    found: dict[str, float] = {}
    for metric in described.parts(iri, "nnet:hasMetric"):
        kinds = set(described.names(metric, "rdf:type")) - {"nnet:Metric"}
        percent = number(described.text(metric, "nnet:hasMetricValue"), f"a metric of {name}")
        if kinds != {"nnet:Top_1_accuracy"}:
            findings.append(Finding(name, f"{', '.join(sorted(kinds))} is no accuracy; left out"))
            continue
        if not 0 <= percent <= 100:
            raise InvalidImportError(f"{name} has an accuracy of {percent} %, which none can have")
        if percent == 0:
            findings.append(Finding(name, "an accuracy of 0 stands for one that is not known"))
        found["accuracy"] = float(percent / 100)
    return found


def _dataset(described: Described, iri: str, name: str, findings: list[Finding]) -> dict[str, str]:
    datasets = described.parts(iri, "nnet:trainingDataset")
    if not datasets:
        return {}
    dataset = datasets[0]
    if dataset == _NO_DATASET:
        findings.append(Finding(name, "the training data set <None> stands for an unknown one"))
        return {}
    if dataset.startswith(RELATIVE):
        dataset = dataset.removeprefix(RELATIVE)
        findings.append(Finding(name, f"the training data set <{dataset}> is a relative IRI"))
    return {"trainingDataset": dataset}


def _layers(described: Described, iri: str) -> dict[str, str]:
    """Types and element types of the layers in their order, and what goes in and out."""
    layers = [
        layer
        for place in ("nnet:inputLayer", "nnet:middleLayer", "nnet:outputLayer")
        for layer in sorted(described.parts(iri, place), key=lambda part: _index(described, part))
    ]
    if not layers:
        return {}
    types = [_local(described, layer, "nnet:hasType") for layer in layers]
    dtypes = [_local(described, layer, "nnet:hasQuantization") for layer in layers]
    found = {"layerTypes": " ".join(types), "layerDtypes": " ".join(dtypes)}
    for claimed, name in (("inputShape", "nnet:shapeIn"), ("outputShape", "nnet:shapeOut")):
        shapes = {text for layer in layers for text in described.texts(layer, name)}
        if len(shapes) == 1 and _SHAPE.fullmatch(shape := shapes.pop()):
            dims = [int(dim) for dim in shape.strip("[]").split()]
            found[claimed] = json.dumps(dims, separators=(",", ":"))
    return found


def _runtime(described: Described, iri: str) -> dict[str, str]:
    name = _first(described, iri, "schema:runtimePlatform")
    return {"runtime": name} if name else {}


def _index(described: Described, layer: str) -> int:
    return int(number(described.text(layer, "nnet:hasIndex"), f"the index of {layer}"))


def _local(described: Described, subject: str, name: str) -> str:
    found = described.names(subject, name)
    return found[0].partition(":")[2] if len(found) == 1 else UNTYPED


def _sensors(
    described: Described, inputs: Iterable[str], name: str, findings: list[Finding]
) -> Iterable[str]:
    for part in inputs:
        for sensor in described.owners("ssn_extend:provideInput", part):
            for kind in described.names(sensor, "rdf:type"):
                if kind in SENSORS:
                    yield SENSORS[kind]
                elif kind.startswith("sosa_extend:"):
                    findings.append(Finding(name, f"{kind} is no known kind of sensor; left out"))


def _first(described: Described, subject: str, name: str) -> str:
    return min(described.texts(subject, name), default="").strip()
