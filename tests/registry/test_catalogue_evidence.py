"""Footprints, proofs and lineage in the registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.errors import ConflictError, InvalidRecordError, NotFoundError
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.iris import footprint_iri, proof_iri, variant_iri
from tests.support.small_registry import FOOTPRINT, INT8_SHA256, PROOF, VARIANT, fill


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Registry]:
    """A registry with everything of ``small_registry``."""
    with open_registry(tmp_path / "store") as opened:
        fill(opened)
        yield opened


ELF = b"an ELF file"


def test_footprints_are_listed_by_model_runtime_and_isa_class(full: Registry) -> None:
    other = replace(FOOTPRINT, isa_class="armv6-m", flash_bytes=30000)
    full.add_footprint(other)
    assert set(full.list_footprints()) == {FOOTPRINT, other}
    assert full.list_footprints(isa_class="armv6-m") == (other,)
    assert full.list_footprints(model="dense-int8", runtime="fitgraph-c", isa_class="armv7e-m+fp")
    assert full.list_footprints(model="dense") == ()


def test_a_footprint_is_measured_anew(full: Registry) -> None:
    better = replace(FOOTPRINT, stack_bytes=960)
    assert full.add_footprint(better).is_new
    assert full.list_footprints() == (better,)


def test_an_estimate_does_not_take_the_place_of_a_measurement(full: Registry) -> None:
    with pytest.raises(ConflictError, match="measured already; estimate is weaker"):
        full.add_footprint(replace(FOOTPRINT, evidence=Evidence.ESTIMATE))
    assert full.list_footprints() == (FOOTPRINT,)


def test_a_footprint_of_an_unknown_model_is_refused(full: Registry) -> None:
    with pytest.raises(NotFoundError, match="no model"):
        full.add_footprint(replace(FOOTPRINT, model_sha256="ab" * 32))


def test_a_footprint_comes_back_and_goes_by_its_key(full: Registry) -> None:
    iri = footprint_iri(FOOTPRINT)
    assert full.get_footprint(iri) == FOOTPRINT
    assert full.remove_footprint(iri) == (iri,)
    assert full.list_footprints() == ()


def test_proofs_are_listed_by_model_and_board(full: Registry) -> None:
    assert full.list_proofs(model="dense-int8", board="large") == (PROOF,)
    assert full.list_proofs(board="small") == ()


def test_a_proof_made_again_later_is_not_added(full: Registry) -> None:
    later = replace(PROOF, created_at="2027-01-01T00:00:00Z")
    assert not full.add_proof(later).is_new
    assert full.list_proofs() == (PROOF,)


def test_a_proof_keeps_its_firmware_and_takes_it_along(full: Registry) -> None:
    added = full.add_proof(PROOF, firmware=ELF)
    assert full.firmware_bytes(added.iri) == ELF
    full.remove_proof(added.iri)
    assert not full.blobs.has(PROOF.firmware_sha256)


def test_a_firmware_that_two_proofs_share_stays_for_the_other(full: Registry) -> None:
    full.add_proof(PROOF, firmware=ELF)
    full.add_proof(replace(PROOF, board_id="small"), firmware=ELF)
    full.remove_board("large")
    assert full.blobs.has(PROOF.firmware_sha256)


def test_a_firmware_that_was_not_proven_is_refused(full: Registry) -> None:
    with pytest.raises(InvalidRecordError, match="not the one that was proven"):
        full.add_proof(PROOF, firmware=b"another file")


def test_a_proof_without_inputs_is_refused_with_its_firmware(full: Registry) -> None:
    with pytest.raises(InvalidRecordError, match="inputSets is '0'"):
        full.add_proof(replace(PROOF, n_inputs=0), firmware=ELF)
    assert not full.blobs.has(PROOF.firmware_sha256)


def test_a_firmware_that_was_not_kept_is_not_found(full: Registry) -> None:
    with pytest.raises(NotFoundError):
        full.firmware_bytes(proof_iri(PROOF))


def test_a_lineage_comes_back_by_the_derived_model(full: Registry) -> None:
    assert full.get_variant("dense-int8") == VARIANT
    assert full.list_variants(source="dense") == (VARIANT,)
    assert full.list_variants(source="dense-int8") == ()


def test_a_model_without_lineage_says_so(full: Registry) -> None:
    with pytest.raises(NotFoundError, match="was not derived"):
        full.get_variant("dense")


def test_a_model_is_not_derived_from_itself(full: Registry) -> None:
    with pytest.raises(InvalidRecordError, match="from itself"):
        full.add_variant(replace(VARIANT, source_sha256=INT8_SHA256))


def test_another_lineage_of_a_model_replaces_only_when_asked_to(full: Registry) -> None:
    other = replace(VARIANT, recipe="pruning")
    with pytest.raises(ConflictError):
        full.add_variant(other)
    assert full.add_variant(other, replace=True).is_new


def test_a_lineage_is_forgotten_and_both_models_stay(full: Registry) -> None:
    assert full.remove_variant("dense-int8") == (variant_iri(INT8_SHA256),)
    assert full.list_variants() == ()
    with pytest.raises(NotFoundError):
        full.remove_variant("dense-int8")
    assert full.get_model("dense").names == ("dense",)
    assert len(full.list_models()) == 2
