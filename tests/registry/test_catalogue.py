"""Opening the registry, and what a whole set of real files makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from fitgraph.registry.catalogue import Registry, default_place, open_registry
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import StorageError, StoreBusyError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.iris import isa_iri
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.read_model import read_model
from tests.support.small_registry import BOARDS, FLOAT_SHA256, INT8_SHA256, fill


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


def test_a_registry_knows_the_isa_classes_from_the_start(registry: Registry) -> None:
    assert all(registry.store.has_graph(isa_iri(name)) for name in ISA_CLASSES)


def test_a_registry_is_made_with_a_graph_and_blobs(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        fill(registry)
    assert {path.name for path in (tmp_path / "store").iterdir()} >= {"graph", "blobs"}


def test_a_registry_is_read_without_being_written(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        fill(registry)
    with open_registry(tmp_path / "store", read_only=True) as registry:
        assert len(registry.list_boards()) == len(BOARDS)
        with pytest.raises(StorageError):
            registry.remove_board("large")


def test_a_registry_is_opened_by_the_text_of_its_folder(tmp_path: Path) -> None:
    with open_registry(str(tmp_path / "store")):
        pass
    assert (tmp_path / "store" / "graph").is_dir()


def test_a_registry_that_is_open_is_busy(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_registry(folder), pytest.raises(StoreBusyError), open_registry(folder):
        pass


def test_the_folder_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FITGRAPH_STORE", raising=False)
    assert default_place() == Path(".fitgraph")
    monkeypatch.setenv("FITGRAPH_STORE", str(tmp_path / "elsewhere"))
    with open_registry():
        assert (tmp_path / "elsewhere" / "graph").is_dir()


def test_blobs_that_nothing_speaks_of_are_deleted_on_request(full: Registry) -> None:
    stray = full.blobs.put(b"stray")
    assert full.delete_unused_blobs() == (stray,)
    assert sorted(full.blobs) == sorted([FLOAT_SHA256, INT8_SHA256])


def test_every_reference_model_goes_in_and_comes_back(
    shared_data: Path, registry: Registry
) -> None:
    folder = shared_data / "reference_kg" / "models"
    paths = sorted(folder.glob("*.tflite"))
    assert len(paths) == 23
    for path in paths:
        graph = read_model(path)
        facts = model_facts(graph)
        registry.add_model(graph, facts, path, path.stem)
        assert registry.get_model(path.stem).facts == facts
    # Two of the 23 names stand for the same bytes.
    assert len(registry.list_models()) == 23
    assert len(list(registry.blobs)) == 22


def test_no_operation_of_one_kind_hides_one_of_another() -> None:
    """They are methods of one class, in files that do not know each other; heirs may override."""
    kinds = [base for base in Registry.__mro__[1:] if issubclass(base, CatalogueBase)]
    kinds.remove(CatalogueBase)
    for one, other in combinations(kinds, 2):
        both = {name for name in vars(one).keys() & vars(other).keys() if name[:2] != "__"}
        assert not both or issubclass(one, other), f"{one.__name__}, {other.__name__}: {both}"
