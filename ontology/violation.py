"""One way in which a graph breaks a rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """What is wrong, and with what.

    Attributes:
        focus: IRI of the resource or part that breaks the rule.
        path: IRI of the property, or an empty string for a rule about the whole resource.
        value: the value that breaks the rule as text, or an empty string for one that is missing.
        message: the rule, as one sentence.
    """

    focus: str
    path: str
    value: str
    message: str

    def __str__(self) -> str:
        subject = _short(self.focus)
        if not self.path:
            return f"{subject}: {self.message}"
        said = f" is {_short(self.value)!r}" if self.value else ""
        return f"{subject}: {_short(self.path)}{said}: {self.message}"


def _short(iri: str) -> str:
    """Last part of an IRI: ``clockHz`` of ``...ontology#clockHz``."""
    if not iri.startswith(("http://", "https://")):
        return iri
    return iri.rsplit("/", 1)[-1].rpartition("ontology#")[2]
