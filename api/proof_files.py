"""Proofs as somebody hands them in: a ``proof.json``, with what lies beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from fitgraph.registry.board import Board
    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.proof import Proof

# A proof of a firmware with a thousand symbols takes 300 kB.
MOST_BYTES = 32 << 20
# Firmware, inputs and sources of a build are smaller by far.
MOST_FILE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class ProofPackage:
    """A proof with all that is needed to do it again but the model.

    Attributes:
        key: the digest that the proof goes by.
        board: with the regions that the firmware was linked into.
        firmware: the ELF file, if it is there.
        inputs: bytes of the inputs that were given, if they are there.
        files: names of files beside the proof whose bytes are not the manifest's.
    """

    key: str
    proof: Proof
    board: Board
    footprint: Footprint | None = None
    firmware: bytes | None = None
    inputs: bytes | None = None
    damaged_files: tuple[str, ...] = ()


def read_package(path: Path) -> ProofPackage:
    """Read a proof, and the firmware, the inputs and the manifest beside it.

    Args:
        path: of the file, or of the folder that a build wrote.

    Raises:
        NotFoundError: there is no such file.
        InvalidRecordError: it is no proof that a build of ours wrote, or violates a shape.
    """
    from fitgraph.compiler_bridge.artifacts import FIRMWARE, INPUTS, PROOF
    from fitgraph.registry.iris import key_of
    from fitgraph.registry.triples.board import board_from_triples
    from fitgraph.registry.triples.footprint import footprint_from_triples
    from fitgraph.registry.triples.json_ld import from_json_ld
    from fitgraph.registry.triples.proof import proof_from_triples

    file = path / PROOF if path.is_dir() else path
    by_resource = _checked(file, from_json_ld(_text(file)))
    iri, stated = _only(file, by_resource, "proof")
    proof = proof_from_triples(stated)
    _refuse_strays(file, iri, proof, stated)
    return ProofPackage(
        key=key_of(iri),
        proof=proof,
        board=board_from_triples(_only(file, by_resource, "board")[1]),
        footprint=footprint_from_triples(_only(file, by_resource, "footprint")[1]),
        firmware=_bytes(file.with_name(FIRMWARE)),
        inputs=_bytes(file.with_name(INPUTS)),
        damaged_files=_damaged(file.parent),
    )


def _text(file: Path) -> str:
    from fitgraph.registry.errors import InvalidRecordError, NotFoundError

    try:
        if file.stat().st_size > MOST_BYTES:
            raise InvalidRecordError(
                f"{file} is larger than any proof", hint="hand in a proof.json"
            )
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRecordError(f"{file} is not text", hint="hand in a proof.json") from error
    except OSError as error:
        raise NotFoundError(
            f"{file} cannot be read: {error.strerror}",
            hint="name a proof.json, the folder of a build, or the start of a proof's digest",
        ) from error


def _checked(file: Path, triples: Iterable[Triple]) -> dict[str, frozenset[Triple]]:
    """Triples by resource, each held against the shapes of its kind."""
    from pyoxigraph import NamedNode

    from fitgraph.registry.door import check
    from fitgraph.registry.errors import InvalidRecordError
    from fitgraph.registry.iris import BASE

    found: dict[str, set[Triple]] = {}
    for triple in triples:
        if not isinstance(triple.subject, NamedNode):
            raise InvalidRecordError(f"{file} speaks of something without an IRI")
        found.setdefault(triple.subject.value.partition("#")[0], set()).add(triple)
    for resource, own in found.items():
        kind = resource.removeprefix(BASE).partition("/")[0]
        if kind in _KINDS:
            check(kind, own)
    return {resource: frozenset(own) for resource, own in found.items()}


def _refuse_strays(file: Path, iri: str, proof: Proof, stated: frozenset[Triple]) -> None:
    """Nothing may be stated that is not held to anything: not of another board, not of a time more.

    Raises:
        InvalidRecordError: something is.
    """
    from fitgraph.registry.errors import InvalidRecordError
    from fitgraph.registry.iris import proof_iri
    from fitgraph.registry.triples.proof import proof_to_triples

    # The IRI is a digest of what is said, so it is another where something was changed.
    known = {str(one).replace(proof_iri(proof), iri) for one in proof_to_triples(proof)}
    strays = {str(one) for one in stated} - known
    if strays:
        raise InvalidRecordError(
            f"{file} states what is no part of a proof, or contradicts it: {min(strays)[:300]}",
            hint="hand in the proof.json as the build wrote it",
        )


_KINDS = ("proof", "footprint", "board")


def _only(
    file: Path, by_resource: dict[str, frozenset[Triple]], kind: str
) -> tuple[str, frozenset[Triple]]:
    from fitgraph.registry.errors import InvalidRecordError
    from fitgraph.registry.iris import BASE

    found = [item for item in by_resource.items() if item[0].startswith(f"{BASE}{kind}/")]
    if len(found) != 1:
        raise InvalidRecordError(
            f"{file} holds {len(found)} resources of the kind {kind}, not one",
            hint="hand in the proof.json of a build",
        )
    return found[0]


def _bytes(file: Path) -> bytes | None:
    """Of a regular file; of one that is larger than any of a build none."""
    if not file.is_file():
        return None
    return b"" if file.stat().st_size > MOST_FILE_BYTES else file.read_bytes()


def _damaged(folder: Path) -> tuple[str, ...]:
    """Files of a build's manifest that are absent or have other bytes."""
    import hashlib
    import json

    from fitgraph.compiler_bridge.deliver import MANIFEST
    from fitgraph.registry.errors import InvalidRecordError

    if not (folder / MANIFEST).is_file():
        return ()
    try:
        listed = json.loads(_bytes(folder / MANIFEST) or b"")["files"]
        digests = {str(name): str(entry["sha256"]) for name, entry in listed.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidRecordError(
            f"{folder / MANIFEST} is not a manifest of a build", hint="build the model again"
        ) from error
    return tuple(
        name
        for name, sha256 in sorted(digests.items())
        if hashlib.sha256(_bytes(_inside(folder, name)) or b"").hexdigest() != sha256
    )


def _inside(folder: Path, name: str) -> Path:
    """The file, if it lies in the folder; else the folder, which is no file."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else folder
