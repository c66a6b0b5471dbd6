"""The vocabulary's HTML page: whole, linked within itself, and the same each time."""

from __future__ import annotations

import re

import pytest
from rdflib import RDFS, URIRef

from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.terms import Kind
from scripts.ontology_page.diagram import ARROWS, PLACES
from scripts.ontology_page.page import Page, render


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


@pytest.fixture(scope="module")
def html(page: Page) -> str:
    return render(page)


def test_every_term_has_one_place_of_its_own(page: Page, html: str) -> None:
    anchors = re.findall(r' id="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    assert set(page.terms) <= set(anchors)


def test_links_within_the_page_lead_somewhere(html: str) -> None:
    anchors = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= anchors


def test_every_definition_is_on_the_page(page: Page, html: str) -> None:
    plain = html.replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">")
    for term in page.terms.values():
        assert term.definition in plain, term.name


def test_rendering_again_gives_the_same_bytes(html: str) -> None:
    assert render(Page()) == html


def test_the_page_needs_no_other_file(html: str) -> None:
    assert not re.search(r"<(link|img|script src|iframe)", html)


def test_the_diagram_shows_classes_of_the_vocabulary(page: Page) -> None:
    assert {page.terms[name].kind for name in PLACES} == {Kind.CLASS}
    assert len(set(PLACES.values())) == len(PLACES)


@pytest.mark.parametrize(("one", "name", "other"), ARROWS)
def test_an_arrow_is_a_property_between_the_two(
    page: Page, one: str, name: str, other: str
) -> None:
    a, b = URIRef(FG + one), URIRef(FG + other)
    if name == "is a":
        assert (a, RDFS.subClassOf, b) in page.graph
        return
    term = page.terms[name]
    assert FG + one in term.domains
    assert FG + other in term.ranges


def test_what_a_release_lacks_is_marked_new(page: Page, html: str) -> None:
    assert page.is_new(page.terms["Verdict"])
    assert not page.is_new(page.terms["Board"])
    assert html.count('class="mark new"') == len(page.changes.added)
