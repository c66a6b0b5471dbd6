"""What the graph must be able to tell, asked of pyoxigraph and of rdflib: the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode

from fitgraph.ontology.files import COMPETENCY_FOLDER
from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.query_files import load_query
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.iris import board_iri, footprint_iri, isa_iri, model_iri, proof_iri
from fitgraph.registry.iris import runtime_iri as runtime
from fitgraph.registry.triples.terms import Term, python_value
from tests.support.small_registry import FLOAT_SHA256, FOOTPRINT, INT8_SHA256, PROOF, fill

LARGE, SMALL, OLD, TIGHT = (board_iri(name) for name in ("large", "small", "old", "tight"))
FLOAT, INT8 = model_iri(FLOAT_SHA256), model_iri(INT8_SHA256)
FITGRAPH_C = runtime("fitgraph-c")

Row = tuple[str | int | float | bool | None, ...]
Case = tuple[str, Mapping[str, Term], set[Row]]

#: Query, bindings, and rows without the columns that are bound.
CASES: tuple[Case, ...] = (
    (
        "boards-with-free-sram",
        {"need_bytes": Literal(32 * 1024)},
        {
            (LARGE, f"{LARGE}#region-RAM", 65536),
            (OLD, f"{OLD}#region-RAM", 32768),
            (TIGHT, f"{TIGHT}#region-DTCM", 131072),
        },
    ),
    (
        "boards-with-free-sram",
        {"need_bytes": Literal(128 * 1024)},
        {(TIGHT, f"{TIGHT}#region-DTCM", 131072)},
    ),
    (
        "operators-of-a-model",
        {"model": NamedNode(INT8)},
        {
            ("tflite:FULLY_CONNECTED", 4, "int8,int8,->int8", 1),
            ("tflite:SOFTMAX", 2, "int8->int8", 1),
        },
    ),
    (
        "measured-footprints-on-an-isa-class",
        {"isa_class": NamedNode(isa_iri("armv7e-m+fp"))},
        {(INT8, FITGRAPH_C, 5632, 20480, footprint_iri(FOOTPRINT))},
    ),
    ("measured-footprints-on-an-isa-class", {"isa_class": NamedNode(isa_iri("armv6-m"))}, set()),
    (
        "proofs-of-a-footprint",
        {"footprint": NamedNode(footprint_iri(FOOTPRINT))},
        {(proof_iri(PROOF), LARGE, 0.0, 1234)},
    ),
    (
        "lineage-of-a-model",
        {"model": NamedNode(INT8)},
        {(FLOAT, "int8 post-training, per channel", "top-1 accuracy, 360 digits", 0.975, 0.9722)},
    ),
    ("lineage-of-a-model", {"model": NamedNode(FLOAT)}, set()),
    (
        "proofs-on-a-board",
        {"board": NamedNode(LARGE)},
        {(proof_iri(PROOF), INT8, "FLASH", 20480), (proof_iri(PROOF), INT8, "RAM", 5632)},
    ),
    # The small board has 8192 - 3072 = 5120 bytes: 5632 do not fit.
    ("boards-that-hold-a-model", {"model": NamedNode(INT8)}, {(LARGE, FITGRAPH_C)}),
    (
        "operators-a-runtime-lacks",
        {"model": NamedNode(INT8), "runtime": NamedNode(FITGRAPH_C)},
        {("tflite:SOFTMAX", 2, 1)},
    ),
    (
        "operators-a-runtime-lacks",
        {"model": NamedNode(FLOAT), "runtime": NamedNode(FITGRAPH_C)},
        {("onnx:MatMul", 17, None)},
    ),
    ("models-unmeasured-for-a-board", {"board": NamedNode(LARGE)}, {(FLOAT,)}),
    ("models-unmeasured-for-a-board", {"board": NamedNode(OLD)}, {(FLOAT,), (INT8,)}),
    (
        "inputs-of-a-model",
        {"model": NamedNode(INT8)},
        {(0, "x", "[1,4]", "int8", 0.5, -3)},
    ),
    (
        "inputs-of-a-model",
        {"model": NamedNode(FLOAT)},
        {(0, "x", '["batch",4]', "float32", None, None)},
    ),
    ("boards-that-share-a-build", {"board": NamedNode(LARGE)}, {(SMALL,)}),
    ("boards-that-share-a-build", {"board": NamedNode(TIGHT)}, set()),
    (
        "unit-of-a-property",
        {"property": NamedNode(f"{FG}clockHz")},
        {("Highest clock of the core.", "http://qudt.org/vocab/unit/HZ")},
    ),
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with open_registry(tmp_path_factory.mktemp("competency")) as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="module")
def dataset(registry: Registry) -> rdflib.Dataset:
    """The same named graphs in rdflib, whose default graph is their union."""
    dataset = rdflib.Dataset(default_union=True)
    for iri in registry.store.graphs():
        text = "\n".join(f"{triple} ." for triple in registry.store.graph(iri))
        dataset.graph(rdflib.URIRef(iri)).parse(data=text, format="nt")
    return dataset


@pytest.mark.parametrize(("name", "bindings", "expected"), CASES)
def test_pyoxigraph_answers(
    registry: Registry, name: str, bindings: Mapping[str, Term], expected: set[Row]
) -> None:
    query = load_query(name, COMPETENCY_FOLDER)
    found = registry.store.query(query, bindings)
    columns = [column for column in projection(query) if column not in bindings]
    rows = [tuple(value_of(row.get(column)) for column in columns) for row in found]
    assert set(rows) == expected
    assert len(rows) == len(expected), "a fact stands in two graphs"


@pytest.mark.parametrize(("name", "bindings", "expected"), CASES)
def test_rdflib_answers_the_same(
    dataset: rdflib.Dataset, name: str, bindings: Mapping[str, Term], expected: set[Row]
) -> None:
    query = load_query(name, COMPETENCY_FOLDER)
    bound = {variable: to_rdflib(term) for variable, term in bindings.items()}
    result = dataset.query(query, initBindings=bound)
    columns = [column for column in projection(query) if column not in bindings]
    rows = [
        tuple(plain(row.get(rdflib.Variable(column))) for column in columns)
        for row in result.bindings
    ]
    assert set(rows) == expected
    assert len(rows) == len(expected)


def test_every_competency_question_is_asked() -> None:
    asked = {name for name, _, _ in CASES}
    assert {path.stem for path in COMPETENCY_FOLDER.glob("*.rq")} == asked


@pytest.mark.parametrize("path", sorted(COMPETENCY_FOLDER.glob("*.rq")), ids=lambda p: p.stem)
def test_competency_questions_are_numbered_apart(path: Path) -> None:
    def number(one: Path) -> str:
        return one.read_text(encoding="utf-8")[2:6]

    assert [p.stem for p in COMPETENCY_FOLDER.glob("*.rq") if number(p) == number(path)] == [
        path.stem
    ]


def projection(query: str) -> list[str]:
    results = pyoxigraph.Store().query(query)
    assert isinstance(results, pyoxigraph.QuerySolutions)
    return [variable.value for variable in results.variables]


def value_of(term: Term | None) -> str | int | float | bool | None:
    return None if term is None else python_value(term)


def to_rdflib(term: Term) -> rdflib.URIRef | rdflib.Literal:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    assert isinstance(term, Literal)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


def plain(term: object) -> str | int | float | bool | None:
    if term is None:
        return None
    value = term.toPython() if isinstance(term, rdflib.Literal) else str(term)
    return value if isinstance(value, int | float) else str(value)
