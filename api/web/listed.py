"""Records of lists that want more than one kind of resource to be read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from fitgraph.ontology.query_files import load_query
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import footprint_iri, key_of, proof_iri
from fitgraph.registry.proof import Proof
from fitgraph.registry.triples.terms import python_value


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model by one of its names; see ``ModelSummary``.

    Attributes:
        tasks: that it is said to do.
        licences: that it is said to be under.
        weights: their number formats.
        evidence: of its footprints.
    """

    name: str
    sha256: str
    model_format: str
    file_bytes: int
    parameters: int
    macs: int | None
    peak_live_bytes: int | None
    tasks: tuple[str, ...]
    licences: tuple[str, ...]
    weights: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedEvidence:
    """A footprint or a proof.

    Attributes:
        key: last part of its IRI.
        model: name of its model, or the start of its digest.
    """

    key: str
    model: str
    record: Footprint | Proof


def models_listed(registry: Registry) -> tuple[ListedModel, ...]:
    """All models with what else is known of them."""
    traits: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in registry.store.query(load_query("model-traits")):
        model, trait, value = (str(python_value(row[one])) for one in ("model", "trait", "value"))
        traits[key_of(model), trait].add(key_of(value).rpartition("#")[2])

    def known(sha256: str, trait: str) -> tuple[str, ...]:
        return tuple(sorted(traits.get((sha256, trait), ())))

    return tuple(
        ListedModel(
            one.name,
            one.sha256,
            one.model_format,
            one.file_bytes,
            one.parameters,
            one.macs,
            one.peak_live_bytes,
            tasks=known(one.sha256, "task"),
            licences=known(one.sha256, "licence"),
            weights=known(one.sha256, "weights"),
            evidence=known(one.sha256, "evidence"),
        )
        for one in registry.list_models()
    )


def model_names(registry: Registry) -> dict[str, str]:
    """The first name of each model by its digest."""
    return {one.sha256: one.name for one in reversed(registry.list_models())}


def footprints_listed(registry: Registry) -> tuple[ListedEvidence, ...]:
    """All footprints with their models' names."""
    names = model_names(registry)
    return tuple(
        ListedEvidence(key_of(footprint_iri(one)), _name(names, one.model_sha256), one)
        for one in registry.list_footprints()
    )


def proofs_listed(registry: Registry) -> tuple[ListedEvidence, ...]:
    """All proofs with their models' names."""
    names = model_names(registry)
    return tuple(
        ListedEvidence(key_of(proof_iri(one)), _name(names, one.model_sha256), one)
        for one in registry.list_proofs()
    )


def _name(names: dict[str, str], sha256: str) -> str:
    return names.get(sha256, sha256[:12])
