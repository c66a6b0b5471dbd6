"""What the documents point at exists, and every Turtle and SPARQL file parses."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph
import pytest
import rdflib.plugins.sparql

from tests.support.markdown import read_document, words_of
from tests.support.tree import tracked_with_suffix

REPOSITORY = Path(__file__).resolve().parents[1]
HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def documents() -> list[Path]:
    return tracked_with_suffix(REPOSITORY, ".md")


def leads_somewhere(link: str, document: Path) -> bool:
    """Whether a link within the repository points at a file there, and at a heading of it."""
    path, _, anchor = unquote(link).partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.is_relative_to(REPOSITORY) or not target.exists():
        return False
    return not anchor or anchor in read_document(target.read_text()).anchors


@pytest.mark.parametrize("name", documents(), ids=str)
def test_every_link_in_a_document_leads_somewhere(name: Path) -> None:
    document = REPOSITORY / name
    links = read_document(document.read_text()).links
    inner = [link for link in links if not HAS_SCHEME.match(link)]
    assert [link for link in inner if not leads_somewhere(link, document)] == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [REPOSITORY / "README.md"]
    while ahead:
        document = ahead.pop()
        if document.suffix == ".md" and document.is_file() and document not in reached:
            reached.add(document)
            links = read_document(document.read_text()).links
            inner = [
                unquote(link).partition("#")[0] for link in links if not HAS_SCHEME.match(link)
            ]
            ahead += [(document.parent / path).resolve() for path in inner]
    assert [str(name) for name in documents() if REPOSITORY / name not in reached] == []


@pytest.mark.parametrize("name", documents(), ids=str)
def test_every_make_target_and_script_that_a_document_names_exists(name: Path) -> None:
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    )
    absent = []
    for command in read_document((REPOSITORY / name).read_text()).commands:
        program, *arguments = words_of(command)
        words = [one for one in arguments if "=" not in one and not one.startswith("-")]
        if program == "make":
            absent += [command for one in words if one not in targets]
        elif program.startswith(("./", ".ci/", "scripts/")) and not (REPOSITORY / program).exists():
            absent.append(command)
    assert not absent


@pytest.mark.parametrize("name", tracked_with_suffix(REPOSITORY, ".ttl"), ids=str)
def test_every_turtle_file_parses(name: Path) -> None:
    path = REPOSITORY / name
    triples = list(pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.TURTLE))
    assert triples, "an empty Turtle file says nothing"


@pytest.mark.parametrize("name", tracked_with_suffix(REPOSITORY, ".rq"), ids=str)
def test_every_query_parses_and_opens_with_its_question(name: Path) -> None:
    text = (REPOSITORY / name).read_text()
    assert text.startswith("# "), "a query opens with the question it answers"
    # pyoxigraph runs it from the store, rdflib in tests and small graphs: it has to please both.
    pyoxigraph.Store().query(text)
    rdflib.plugins.sparql.prepareQuery(text)
