"""What becomes of the reference graph: records, foreign triples, and what was odd about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Triple

from fitgraph.registry.board import Board
from fitgraph.registry.claim import Claim, ClaimStatus, ClaimValue
from fitgraph.registry.iris import Iri
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.model_file import ModelFile


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something odd about what was read, which did not keep it out.

    Attributes:
        about: the device, model or file.
        what: one clause.
    """

    about: str
    what: str


@dataclass(frozen=True, slots=True)
class ReferenceGraph:
    """The reference graph, read whole.

    Attributes:
        graphs: their own triples, blank nodes skolemised; one graph a resource of theirs.
        model_files: beside the descriptions, by name.
        skipped: files that were not read, relative to the folder, and why.
        origin: the folder, by which an import of it is told from others.
        by_content: names of descriptions and of the files that were matched to them although the
            names differ.
    """

    graphs: Mapping[Iri, frozenset[Triple]]
    boards: tuple[Board, ...]
    descriptions: tuple[ModelDescription, ...]
    model_files: tuple[ModelFile, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Finding, ...]
    origin: str = ""
    by_content: tuple[tuple[str, str], ...] = ()


def claim(property_name: str, value: ClaimValue, source: str) -> Claim:
    """What one file says. Nobody has checked a figure of the reference graph."""
    return Claim(property_name, value, ClaimStatus.UNCHECKED, (source,))
