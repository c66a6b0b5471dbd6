"""Pages of models, boards and matches over HTTP: their statuses, and what they say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def pages(digits_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client that asks as browsers do."""
    folder = tmp_path_factory.mktemp("pages") / "store"
    shutil.copytree(digits_store, folder)
    with running_server(folder) as client:
        client.headers["Accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        yield client


def text_of(pages: httpx.Client, path: str) -> str:
    response = pages.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/html")
    return response.text


def test_a_model_has_a_page(pages: httpx.Client) -> None:
    text = text_of(pages, "/models/digits-int8")
    for words in ("Footprint by runtime", "armv6-m", "Inputs and outputs", "onnx:", "Tensors",
                  "evidence-measured", "/matches/digits-int8/"):  # fmt: skip
        assert words in text, words
    assert "int8" in text_of(pages, "/models/digits"), "its variants"


def test_a_timeline_comes_with_the_page_where_it_is_asked_for(pages: httpx.Client) -> None:
    assert "<svg xmlns" not in text_of(pages, "/models/digits")
    assert "Memory timeline of digits" in text_of(pages, "/models/digits?timeline=1")


def test_a_browser_gets_the_file_of_a_model(pages: httpx.Client, repository: Path) -> None:
    content = (repository / "examples" / "digits" / "digits.onnx").read_bytes()
    assert pages.get("/models/digits/file").content == content


def test_a_board_has_a_page(pages: httpx.Client) -> None:
    text = text_of(pages, "/boards/nrf52840-dk")
    for words in ("Memory map of", "0x20000000", "Cortex-M4F", "tm:ThingModel", "digits-int8"):
        assert words in text, words
    assert text_of(pages, "/boards/nrf52840-dk?verdict=no").count("verdict-fits") < 5


def test_the_matrix_is_filtered(pages: httpx.Client) -> None:
    text = text_of(pages, "/matches")
    assert 'href="/matches/digits-int8/' in text
    few = text_of(pages, "/matches?boards=nrf52840-dk&models=int8&by=board")
    assert 'href="/matches/digits-int8/nrf52840-dk"' in few
    assert 'href="/matches/digits/' not in few
    assert "is called so" in text_of(pages, "/matches?models=none-such")
    for path in ("/matches?row=0", "/matches?verdict=maybe", "/matches?runtime=none-such"):
        assert pages.get(path).status_code in {400, 404, 422}


def test_one_model_against_all_boards_is_a_table(pages: httpx.Client) -> None:
    text = text_of(pages, "/matches?model=digits-int8&verdict=fits")
    assert "All models" not in text
    assert text.count("<tr>") > 10
    assert "digits-int8" in text_of(pages, "/matches?board=nrf52840-dk")
    moved = pages.get("/matches?model=digits&board=nrf52840-dk")
    assert (moved.status_code, moved.headers["location"]) == (303, "/matches/digits/nrf52840-dk")


def test_a_match_is_explained_and_remedies_come_when_they_are_asked_for(
    pages: httpx.Client,
) -> None:
    text = text_of(pages, "/matches/digits/stm32-blue-pill")
    assert "A fact rules it out" in text
    assert "data-part" in text
    told = pages.get("/matches/digits/stm32-blue-pill?remedies=1", timeout=120).text
    assert "fitgraph quantize digits" in told
    assert "data-part" not in told
    assert pages.get("/matches/digits/none-such").status_code == 404
    assert "another name" not in text


def test_a_ranking_is_drawn(pages: httpx.Client) -> None:
    text = text_of(pages, "/rankings?board=nrf52840-dk&x=flash&y=sram")
    assert "<svg xmlns" in text
    assert "What nothing beats" in text
    assert "Name a board" in text_of(pages, "/rankings")
    assert "board" in text_of(pages, "/rankings?model=digits-int8&x=latency&y=energy")


@pytest.mark.parametrize(
    "path", ["/models/<script>", "/boards/%22onload", "/matches/%3Cb%3E/x", "/rankings?board=<b>"]
)
def test_names_are_never_markup(pages: httpx.Client, path: str) -> None:
    response = pages.get(path)
    assert response.status_code == 404
    assert "<script>" not in response.text.replace("<script type", "")
    assert "<b>" not in response.text
