"""What sources say of a resource, and how far that is to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ClaimValue = str | int | float | bool


class ClaimStatus(StrEnum):
    """How a fact is known, best first. Only what is sourced can show that a model fits."""

    SOURCED = "sourced"
    DERIVED = "derived"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source, or several that agree, says of one property of a resource.

    Claims that contradict each other are all kept; the resource's own property holds the figure
    that is used for matching, which is the more cautious one.

    Attributes:
        property_name: local name of the property: ``clockHz``, ``sramBytes``.
        value: as the source has it.
        sources: names of those who say so.
    """

    property_name: str
    value: ClaimValue
    status: ClaimStatus
    sources: tuple[str, ...]


def weakest(*statuses: ClaimStatus) -> ClaimStatus:
    """The status of what rests on several facts: that of the least known one."""
    return max(statuses, key=list(ClaimStatus).index)


def contradictions(claims: tuple[Claim, ...]) -> dict[str, tuple[Claim, ...]]:
    """Properties that sources disagree about, with all their claims."""
    by_property: dict[str, list[Claim]] = {}
    for claim in claims:
        by_property.setdefault(claim.property_name, []).append(claim)
    return {
        name: tuple(found)
        for name, found in by_property.items()
        if len({claim.value for claim in found}) > 1
    }
