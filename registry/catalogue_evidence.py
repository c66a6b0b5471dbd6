"""Adds, gets, lists and removes what is known of models: footprints, proofs, lineage."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from fitgraph.registry.blobs import digest
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import ConflictError, InvalidRecordError, NotFoundError
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import (
    Iri,
    board_iri,
    footprint_iri,
    isa_iri,
    key_of,
    model_iri,
    proof_iri,
    runtime_iri,
    variant_iri,
)
from fitgraph.registry.proof import Proof
from fitgraph.registry.resources import Added
from fitgraph.registry.triples.footprint import footprint_from_triples, footprint_to_triples
from fitgraph.registry.triples.proof import proof_from_triples, proof_to_triples
from fitgraph.registry.triples.variant import variant_from_triples, variant_to_triples
from fitgraph.registry.variant import Variant

_WEAKNESS: Final[Mapping[Evidence, int]] = {
    evidence: rank for rank, evidence in enumerate(Evidence)
}


class FootprintOperations(CatalogueBase):
    """Operations on footprints."""

    def add_footprint(self, footprint: Footprint) -> Added:
        """Adds a footprint, or puts it in place of one that is not known better.

        Raises:
            NotFoundError: the model, the runtime or the ISA class is not there.
            ConflictError: the same model, runtime, ISA class and toolchain have a footprint with
                stronger evidence.
            InvalidRecordError: a shape is violated.
        """
        self._resources.require("model", model_iri(footprint.model_sha256))
        self._resources.require("runtime", runtime_iri(footprint.runtime))
        self._resources.require("ISA class", isa_iri(footprint.isa_class))
        iri = footprint_iri(footprint)
        if known := self.store.graph(iri):
            evidence = footprint_from_triples(known).evidence
            if _WEAKNESS[evidence] < _WEAKNESS[footprint.evidence]:
                raise ConflictError(
                    f"the footprint is {evidence} already; {footprint.evidence} is weaker",
                    hint="remove the known footprint first",
                )
        graphs = {iri: footprint_to_triples(footprint)}
        (added,) = self._resources.put("footprint", graphs, replace=True)
        return added

    def get_footprint(self, reference: str) -> Footprint:
        """The footprint with this IRI or start of its key's digest."""
        return footprint_from_triples(self.store.graph(self.resolve("footprint", reference)))

    def list_footprints(
        self,
        *,
        model: str | None = None,
        runtime: str | None = None,
        isa_class: str | None = None,
    ) -> tuple[Footprint, ...]:
        """Footprints of a model, under a runtime, for an ISA class; each if given.

        Raises:
            NotFoundError: there is no such model, runtime or ISA class.
        """
        iris = self._resources.iris(
            "footprints",
            "footprint",
            model=None if model is None else self.resolve("model", model),
            runtime=None if runtime is None else self.resolve("runtime", runtime),
            isa_class=None if isa_class is None else self.resolve("ISA class", isa_class),
        )
        return tuple(map(footprint_from_triples, self._resources.triples(iris)))

    def remove_footprint(self, reference: str) -> tuple[Iri, ...]:
        """Removes a footprint, and returns its IRI."""
        return self._remove(self.resolve("footprint", reference))


class ProofOperations(CatalogueBase):
    """Operations on proofs."""

    def add_proof(
        self,
        proof: Proof,
        firmware: bytes | Path | None = None,
        inputs: bytes | None = None,
    ) -> Added:
        """Adds a proof; one that says the same, at whatever time, is there only once.

        Args:
            proof: of a model, board and runtime that are there.
            firmware: the ELF file, kept as a blob if it is given.
            inputs: the bytes of all inputs, likewise.

        Raises:
            NotFoundError: the model, the board, the runtime or the ISA class is not there.
            InvalidRecordError: firmware or inputs are not the proof's, or a shape is violated.
            StorageError: the disk is full; neither triples nor bytes stay.
        """
        self._resources.require("model", model_iri(proof.model_sha256))
        self._resources.require("board", board_iri(proof.board_id))
        self._resources.require("runtime", runtime_iri(proof.runtime))
        self._resources.require("ISA class", isa_iri(proof.isa_class))
        if firmware is not None and digest(firmware) != proof.firmware_sha256:
            raise InvalidRecordError(
                f"the firmware is not the one that was proven ({proof.firmware_sha256[:12]})",
                hint="hand in the ELF file that the proof was made of",
            )
        if inputs is not None and digest(inputs) != (proof.inputs and proof.inputs.sha256):
            raise InvalidRecordError(
                "the inputs are not those that the firmware was run on",
                hint="hand in the bytes that the proof was made with",
            )
        iri = proof_iri(proof)
        with ExitStack() as stack:
            for content in (firmware, inputs):
                if content is not None:
                    stack.enter_context(self._fresh_blob(content))
            if self.store.has_graph(iri):
                return Added(iri, is_new=False)
            graphs = {iri: proof_to_triples(proof)}
            (added,) = self._resources.put("proof", graphs, replace=False)
        return added

    def get_proof(self, reference: str) -> Proof:
        """The proof with this IRI or start of its digest."""
        return proof_from_triples(self.store.graph(self.resolve("proof", reference)))

    def firmware_bytes(self, reference: str) -> bytes:
        """The ELF file of a proof.

        Raises:
            NotFoundError: it was not kept.
        """
        return self.blobs.get(self.get_proof(reference).firmware_sha256)

    def list_proofs(
        self, *, model: str | None = None, board: str | None = None
    ) -> tuple[Proof, ...]:
        """Proofs of a model, on a board; each if given. Oldest first.

        Raises:
            NotFoundError: there is no such model or board.
        """
        iris = self._resources.iris(
            "proofs",
            "proof",
            model=None if model is None else self.resolve("model", model),
            board=None if board is None else self.resolve("board", board),
        )
        return tuple(map(proof_from_triples, self._resources.triples(iris)))

    def remove_proof(self, reference: str) -> tuple[Iri, ...]:
        """Removes a proof with its firmware, and returns its IRI."""
        return self._remove(self.resolve("proof", reference))


class VariantOperations(CatalogueBase):
    """Operations on lineage."""

    def add_variant(self, variant: Variant, *, replace: bool = False) -> Added:
        """Says how a model was derived from another; both are there already.

        Raises:
            NotFoundError: one of the models is not there.
            ConflictError: the model has another lineage and ``replace`` is not set.
            InvalidRecordError: a model is derived from itself, or a shape is violated.
        """
        if variant.model_sha256 == variant.source_sha256:
            raise InvalidRecordError(
                f"the model {variant.model_sha256[:12]} cannot be derived from itself",
                hint="the recipe changed nothing, so there is no variant to add",
            )
        self._resources.require("model", model_iri(variant.model_sha256))
        self._resources.require("model", model_iri(variant.source_sha256))
        graphs = {variant_iri(variant.model_sha256): variant_to_triples(variant)}
        (added,) = self._resources.put("variant", graphs, replace=replace)
        return added

    def get_variant(self, reference: str) -> Variant:
        """How the model with this name, IRI or start of its digest was derived.

        Raises:
            NotFoundError: there is no such model, or it was not derived from another.
        """
        iri = variant_iri(key_of(self.resolve("model", reference)))
        if not self.store.has_graph(iri):
            raise NotFoundError(
                f"the model {reference!r} was not derived from another",
                hint="only what a recipe made has a lineage",
            )
        return variant_from_triples(self.store.graph(iri))

    def list_variants(self, *, source: str | None = None) -> tuple[Variant, ...]:
        """Lineage of all models that were derived, or of those that came from one model.

        Raises:
            NotFoundError: there is no such model.
        """
        iri = None if source is None else self.resolve("model", source)
        variants = self._resources.iris("variants", "variant", source=iri)
        return tuple(map(variant_from_triples, self._resources.triples(variants)))

    def remove_variant(self, reference: str) -> tuple[Iri, ...]:
        """Forgets how a model was derived; the model itself stays. Returns the lineage's IRI.

        Raises:
            NotFoundError: there is no such model, or it was not derived from another.
        """
        iri = variant_iri(self.get_variant(reference).model_sha256)
        return self._remove(iri)
