"""The vocabulary's HTML page: whole, linked within itself, and the same each time."""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise

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


def test_anchors_are_the_names_of_terms_so_that_their_iris_lead_there(
    page: Page, html: str
) -> None:
    for term in page.terms.values():
        assert term.iri == f"{page.namespace}{term.name}"
        assert html.count(f'id="{term.name}"') == 1


def test_every_term_shows_its_label_and_what_it_is_of(page: Page, html: str) -> None:
    for term in page.terms.values():
        if term.kind is Kind.INDIVIDUAL:
            continue
        section = html.split(f'id="{term.name}">', 1)[1].split("</section>", 1)[0]
        assert escape(term.label) in section, term.name
        for iri in (*term.domains, *term.ranges):
            assert page.short(iri) in section, (term.name, iri)
        for words, other in page.relations(term):
            assert words in section
            assert page.short(other) in section, (term.name, other)
        for example in term.examples:
            assert escape(example).replace("&quot;", "&#34;") in section, (term.name, example)


def test_every_alignment_names_what_its_terms_were_looked_up_in(page: Page, html: str) -> None:
    for alignment in page.alignments:
        assert alignment.sources
        assert all(f'href="{source}"' in html for source in alignment.sources)


def test_the_page_can_be_read_without_eyes_or_mouse(html: str) -> None:
    """Language, one main heading, named navigation, a way past it, headed columns, live links."""
    assert '<html lang="en">' in html
    assert html.count("<h1>") == 1
    assert 'aria-label="Contents"' in html
    assert '<a class="skip" href="#top">' in html
    assert html.count("<th") - html.count("<thead") == html.count('<th scope="col"')
    (drawing,) = re.findall(r"<svg [^>]*>", html)
    assert 'role="group"' in drawing, "an image would hide the links that are in it"
    assert "aria-label=" in drawing


def test_headings_go_down_one_level_at_a_time(html: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


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
