"""What the graph must be able to tell, asked of three engines: the same rows in the same order."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import COMPETENCY_FOLDER
from fitgraph.ontology.questions import Question, question_named, questions
from fitgraph.ontology.validate import validate
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.endpoint import endpoint
from fitgraph.registry.errors import InvalidRecordError, NotFoundError
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.question_values import KINDS, bindings
from fitgraph.registry.remote_store import RemoteStore
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.terms import Term, python_value, utc_text
from tests.support.competency_graph import fill_for_questions, written_by_hand
from tests.support.competency_rows import Case, Cell, Row, cases, columns, short, written
from tests.support.oxigraph_server import oxigraph_server

CASES = cases()
MINIMUM = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds an answer to every question."""
    folder = tmp_path_factory.mktemp("competency")
    with open_registry(folder / "store") as registry:
        fill_for_questions(registry)
    return folder


@pytest.fixture(scope="module")
def registry(folder: Path) -> Iterator[Registry]:
    with open_registry(folder / "store", read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def dataset(registry: Registry) -> rdflib.Graph:
    """All graphs in one of rdflib's, which has no triple twice."""
    graph = rdflib.Graph()
    for iri in registry.store.graphs():
        triples = registry.store.graph(iri)
        graph.parse(data=pyoxigraph.serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    return graph


@pytest.fixture(scope="module")
def plain_store(registry: Registry) -> pyoxigraph.Store:
    """The store as pyoxigraph has it."""
    assert isinstance(registry.store, EmbeddedStore)
    return pyoxigraph.Store.read_only(str(registry.store.path))


@pytest.fixture(scope="module")
def server(folder: Path, registry: Registry) -> Iterator[RemoteStore]:
    """The same graphs on a SPARQL server."""
    assert registry.store.graphs()
    shutil.copytree(folder / "store" / "graph", folder / "server")
    with (
        oxigraph_server(folder / "server") as running,
        RemoteStore.open(endpoint(running.url, {}), read_only=True) as store,
    ):
        yield store


def bound(registry: Registry, case: Case) -> tuple[Question, dict[str, Term]]:
    question = question_named(case.question)
    return question, bindings(registry, question, written(case.values))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_folder_answers(registry: Registry, case: Case) -> None:
    question, values = bound(registry, case)
    found = registry.store.query(question.sparql, values)
    assert cells(question, found) == list(case.rows)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_server_answers_the_same(registry: Registry, server: RemoteStore, case: Case) -> None:
    question, values = bound(registry, case)
    found = server.query(question.sparql, values)
    assert cells(question, found) == list(case.rows)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rdflib_answers_the_same(registry: Registry, dataset: rdflib.Graph, case: Case) -> None:
    question, values = bound(registry, case)
    initial = {variable: to_rdflib(term) for variable, term in values.items()}
    rows = [
        tuple(plain(row.get(rdflib.Variable(column))) for column in columns(question))
        for row in dataset.query(question.sparql, initBindings=initial).bindings
    ]
    assert rows == list(case.rows)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_within_the_text_give_what_substituted_ones_do(
    registry: Registry, plain_store: pyoxigraph.Store, case: Case
) -> None:
    """The store writes values into the query; pyoxigraph's own substitution is the oracle."""
    question, values = bound(registry, case)
    substitutions = {pyoxigraph.Variable(name): term for name, term in values.items()}
    solutions = plain_store.query(
        question.sparql, use_default_graph_as_union=True, substitutions=substitutions
    )
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    found = [
        {name: term for name, term in zip(names, solution, strict=True) if term is not None}
        for solution in solutions
    ]
    assert cells(question, found) == list(case.rows)


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_every_question_has_an_answer_that_is_held(question: Question) -> None:
    held = [case for case in CASES if case.question == question.name]
    assert any(case.rows for case in held), "write its rows into competency_rows.yaml"


@pytest.mark.parametrize(("iri", "triples"), written_by_hand().items())
def test_a_fleet_a_plan_and_a_match_written_by_hand_satisfy_their_shapes(
    iri: Iri, triples: list[Triple]
) -> None:
    kind = iri.removeprefix(BASE).partition("/")[0]
    assert validate(triples, kind) == ()


def test_rows_are_of_questions_that_there_are() -> None:
    assert {case.question for case in CASES} <= {question.name for question in questions()}


def test_there_are_as_many_questions_as_were_promised() -> None:
    assert len(questions()) == len(list(COMPETENCY_FOLDER.glob("*.rq")))
    assert len(questions()) >= MINIMUM


def test_questions_are_numbered_apart_and_without_gaps() -> None:
    numbers = [question.number for question in questions()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert Counter(question.text for question in questions()).most_common(1)[0][1] == 1


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_a_question_says_what_it_binds_and_returns(question: Question) -> None:
    assert {*question.binds.values(), *question.may_bind.values()} <= KINDS
    for column in columns(question):
        assert f"?{column}" in question.returns


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_an_answer_has_an_order(question: Question) -> None:
    """Only what has one row a value, such as the meaning of a property, needs none."""
    assert "ORDER BY" in question.sparql or question.name in {
        "unit-of-a-property",
        "where-memory-peaks",
    }


def test_a_question_is_found_by_name_and_number() -> None:
    first = questions()[0]
    for name in (first.name, "CQ01", "cq1", "1"):
        assert question_named(name) == first


def test_an_unknown_question_is_refused_with_the_nearest() -> None:
    with pytest.raises(OntologyError, match="there is no question") as caught:
        question_named("operators-of-the-model")
    assert "operators-of-a-model" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "values", "complaint"),
    [
        ("operators-of-a-model", {}, "needs a value for 'model'"),
        ("operators-of-a-model", {"model": "dense", "board": "large"}, "has no 'board'"),
        (
            "operators-new-since-a-version",
            {"operator_set": "onnx", "version": "new"},
            "'new' is no whole",
        ),
        ("proofs-since", {"since": "yesterday"}, "is not an ISO 8601 time"),
        ("steps-of-a-plan", {"plan": "no IRI"}, "'no IRI' is no plan"),
    ],
)
def test_a_value_that_does_not_read_is_refused(
    registry: Registry, name: str, values: dict[str, str], complaint: str
) -> None:
    with pytest.raises(InvalidRecordError, match=complaint):
        bindings(registry, question_named(name), values)


def test_a_name_that_nothing_has_is_refused_with_the_nearest(registry: Registry) -> None:
    with pytest.raises(NotFoundError) as caught:
        bindings(registry, question_named("operators-of-a-model"), {"model": "dense-int9"})
    assert "dense-int8" in caught.value.hint


def cells(question: Question, found: object) -> list[Row]:
    assert isinstance(found, list | tuple)
    return [
        tuple(
            short(python_value(row[column])) if column in row else None
            for column in columns(question)
        )
        for row in found
    ]


def to_rdflib(term: Term) -> rdflib.URIRef | rdflib.Literal:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    assert isinstance(term, Literal)
    kind = rdflib.URIRef(term.datatype.value)
    # rdflib takes a plain text and one that says xsd:string for two, which RDF 1.1 does not.
    return rdflib.Literal(term.value, datatype=None if kind == rdflib.XSD.string else kind)


def plain(term: object) -> Cell:
    """A cell of rdflib's."""
    value = term.toPython() if isinstance(term, rdflib.Literal) else term
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, int | float) else short(str(value))
