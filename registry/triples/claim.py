"""Claims as triples, in the graph of the resource that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.iris import part_iri
from fitgraph.registry.triples.reading import Facts, local_name
from fitgraph.registry.triples.terms import fg
from fitgraph.registry.triples.writing import describe, individual, iri


def canonical_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims as a graph gives them back: sources of the same claim together, all sorted."""
    sources: dict[tuple[str, str, ClaimStatus], set[str]] = {}
    first: dict[tuple[str, str, ClaimStatus], Claim] = {}
    for claim in claims:
        key = _key(claim)
        first.setdefault(key, claim)
        sources.setdefault(key, set()).update(claim.sources)
    return tuple(
        Claim(claim.property_name, claim.value, claim.status, tuple(sorted(sources[key])))
        for key, claim in sorted(first.items(), key=lambda item: item[0])
    )


def claim_nodes(owner: str, claims: Iterable[Claim]) -> tuple[NamedNode, ...]:
    """What ``fg:hasClaim`` of the owner points to."""
    return tuple(iri(one) for one in sorted({_claim_iri(owner, claim) for claim in claims}))


def claims_to_triples(owner: str, claims: Iterable[Claim]) -> Iterator[Triple]:
    """All triples of the claims themselves."""
    for claim in claims:
        yield from describe(
            _claim_iri(owner, claim),
            "Claim",
            claimed_property=fg(claim.property_name),
            claimed_value=claim.value,
            claim_status=individual(claim.status),
            source=claim.sources,
        )


def claims_from(facts: Facts, owner: str) -> tuple[Claim, ...]:
    """The claims about a resource, by property and value."""
    return canonical_claims(_claim_from(facts, part) for part in facts.texts(owner, "hasClaim"))


def _claim_from(facts: Facts, subject: str) -> Claim:
    value = facts.value(subject, "claimedValue")
    if value is None:
        raise ValueError(f"{subject} claims no value")
    return Claim(
        property_name=local_name(facts.text(subject, "claimedProperty")),
        value=value,
        status=ClaimStatus(local_name(facts.text(subject, "claimStatus"))),
        sources=facts.texts(subject, "source"),
    )


def _claim_iri(owner: str, claim: Claim) -> str:
    """Named by what is claimed, so that the same claim of two sources is one."""
    return part_iri(owner, "claim", "-".join(_key(claim)))


def _key(claim: Claim) -> tuple[str, str, ClaimStatus]:
    """Python takes 1, 1.0 and True for equal; these are different claims."""
    kind = "" if isinstance(claim.value, str) else type(claim.value).__name__
    return claim.property_name, f"{kind}{claim.value}", claim.status
