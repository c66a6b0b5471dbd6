"""Models in the registry: each all or nothing, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.registry.blobs import Blobs
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.errors import ConflictError, InvalidRecordError, NotFoundError, StorageError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.iris import footprint_iri, model_iri, proof_iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.store import EmbeddedStore
from tests.support.full_disk import fill_up, small_disk
from tests.support.small_registry import (
    FLOAT_BYTES,
    FLOAT_SHA256,
    FOOTPRINT,
    INT8_BYTES,
    INT8_SHA256,
    PROOF,
    fill,
    float_graph,
    int8_graph,
    sha256,
)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry."""
    with open_registry(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry with everything of ``small_registry``."""
    fill(registry)
    return registry


def add(registry: Registry, graph: ModelGraph, content: bytes, name: str) -> bool:
    return registry.add_model(graph, model_facts(graph), content, name).is_new


def test_a_model_comes_back_by_name_digest_start_of_digest_and_iri(full: Registry) -> None:
    by_name = full.get_model("dense-int8")
    assert by_name.sha256 == INT8_SHA256
    assert by_name.facts == model_facts(int8_graph())
    for reference in (
        INT8_SHA256,
        INT8_SHA256[:8],
        INT8_SHA256[:6].upper(),
        model_iri(INT8_SHA256),
    ):
        assert full.get_model(reference) == by_name


def test_the_bytes_of_a_model_come_back(full: Registry) -> None:
    assert full.model_bytes("dense-int8") == INT8_BYTES


def test_adding_a_model_again_changes_nothing(full: Registry) -> None:
    before = full.store.graphs(), full.get_model("dense")
    assert not add(full, float_graph(), FLOAT_BYTES, "dense")
    assert (full.store.graphs(), full.get_model("dense")) == before


def test_one_file_may_have_two_names(full: Registry) -> None:
    assert add(full, float_graph(), FLOAT_BYTES, "also-dense")
    assert full.get_model("also-dense") == full.get_model("dense")
    assert full.get_model("dense").names == ("also-dense", "dense")
    assert [model.name for model in full.list_models()] == ["also-dense", "dense", "dense-int8"]


def test_a_name_that_another_model_has_is_refused(full: Registry) -> None:
    with pytest.raises(ConflictError, match="'dense' is taken") as caught:
        add(full, int8_graph(), INT8_BYTES, "dense")
    assert FLOAT_SHA256[:12] in caught.value.message
    assert caught.value.hint


def test_bytes_that_are_not_those_that_were_read_are_refused(registry: Registry) -> None:
    with pytest.raises(InvalidRecordError, match="not those that were read"):
        add(registry, float_graph(), b"other bytes", "dense")
    assert list(registry.blobs) == []


def test_a_model_that_breaks_a_rule_leaves_nothing_behind(registry: Registry) -> None:
    graph = replace(float_graph(), operators=())
    before = registry.store.graphs()
    with pytest.raises(InvalidRecordError, match="at least one operator") as caught:
        add(registry, graph, FLOAT_BYTES, "dense")
    assert "hasOperatorUse" in caught.value.message
    assert registry.store.graphs() == before
    assert list(registry.blobs) == []


def test_a_graph_that_cannot_be_written_leaves_no_blob_behind(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store"):
        pass
    with EmbeddedStore.open(tmp_path / "store" / "graph", read_only=True) as store:
        registry = Registry(store, Blobs(tmp_path / "store" / "blobs"))
        with pytest.raises(StorageError, match="for reading only"):
            add(registry, float_graph(), FLOAT_BYTES, "dense")
        assert list(registry.blobs) == []


def test_a_failed_write_keeps_a_blob_that_was_there_before(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        add(registry, float_graph(), FLOAT_BYTES, "dense")
    with EmbeddedStore.open(tmp_path / "store" / "graph", read_only=True) as store:
        registry = Registry(store, Blobs(tmp_path / "store" / "blobs"))
        with pytest.raises(StorageError):
            add(registry, float_graph(), FLOAT_BYTES, "another-name")
        assert registry.model_bytes("dense") == FLOAT_BYTES


def test_a_disk_that_fills_up_while_a_model_is_added_leaves_nothing_of_it(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 8 << 20) as disk,
        open_registry(disk / "store") as registry,
    ):
        fill(registry)
        before = registry.store.graphs()
        filler = fill_up(disk, leave_bytes=4096)
        content = b"x" * 64 * 1024
        digest = sha256(content)
        graph = replace(float_graph(), sha256=digest, file_bytes=len(content))
        with pytest.raises(StorageError) as caught:
            add(registry, graph, content, "large")
        assert caught.value.hint
        assert caught.value.exit_code == 3
        filler.unlink()
        assert registry.store.graphs() == before
        assert sorted(registry.blobs) == sorted([FLOAT_SHA256, INT8_SHA256])
        assert add(registry, graph, content, "large")


def test_a_symbolic_dimension_leaves_facts_out(full: Registry) -> None:
    (summary,) = [model for model in full.list_models() if model.name == "dense"]
    assert summary.model_format == "onnx"
    assert summary.parameters == 8
    assert summary.peak_live_bytes is None


def test_a_removed_model_takes_its_evidence_and_its_bytes_along(full: Registry) -> None:
    removed = full.remove_model("dense-int8")
    assert set(removed) >= {model_iri(INT8_SHA256), footprint_iri(FOOTPRINT), proof_iri(PROOF)}
    assert full.list_footprints() == ()
    assert full.list_proofs() == ()
    assert full.list_variants() == ()
    assert list(full.blobs) == [FLOAT_SHA256]


def test_a_model_that_another_was_derived_from_is_not_removed(full: Registry) -> None:
    with pytest.raises(ConflictError, match="derived from it"):
        full.remove_model("dense")
    assert full.model_bytes("dense") == FLOAT_BYTES


def test_one_of_two_names_is_removed_alone(full: Registry) -> None:
    add(full, float_graph(), FLOAT_BYTES, "also-dense")
    assert full.remove_model("also-dense") == ()
    assert full.get_model("dense").names == ("dense",)
    with pytest.raises(NotFoundError):
        full.get_model("also-dense")


@pytest.mark.parametrize("reference", ["dense-int9", "desne-int8", "DENSE-INT8"])
def test_a_name_that_is_nearly_right_is_answered_with_the_nearest(
    full: Registry, reference: str
) -> None:
    with pytest.raises(NotFoundError, match=f"no model '{reference}'") as caught:
        full.get_model(reference)
    assert "dense-int8" in caught.value.hint


def test_a_start_of_two_digests_is_answered_with_both() -> None:
    names = {"one": model_iri("abcd1" + "0" * 59), "other": model_iri("abcd2" + "0" * 59)}
    with pytest.raises(NotFoundError, match="2 models have a digest that begins") as caught:
        resolve("model", "abcd", names)
    assert "abcd1" in caught.value.hint
    assert "abcd2" in caught.value.hint
    assert resolve("model", "abcd1", names) == names["one"]


def test_fewer_than_four_digits_are_taken_for_a_name() -> None:
    with pytest.raises(NotFoundError, match="no model 'abc'"):
        resolve("model", "abc", {"one": model_iri("abcd1" + "0" * 59)})


def test_an_empty_registry_says_that_there_is_nothing(registry: Registry) -> None:
    with pytest.raises(NotFoundError) as caught:
        registry.get_model("anything")
    assert "no model at all" in caught.value.hint
