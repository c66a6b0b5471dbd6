"""The search: all words must be there, and the title itself comes first."""

from __future__ import annotations

from fitgraph.api.web.searching import entry, search

ENTRIES = (
    entry("Portenta H7 (M4)", "Arduino, STM32H747", "/boards/portenta-h7-m4", "camera"),
    entry("Nano", "Arduino, nRF52840", "/boards/nano"),
    entry("Nano 33 BLE Sense", "Arduino, nRF52840", "/boards/nano-33", "microphone"),
    entry("nRF52840", "Nordic", "/mcus/nrf52840"),
)


def titles(words: str) -> list[str]:
    return [one.title for one in search(ENTRIES, words)]


def test_the_title_itself_comes_first_then_what_begins_so() -> None:
    assert titles("nano") == ["Nano", "Nano 33 BLE Sense"]
    assert titles("nrf52840")[0] == "nRF52840"


def test_all_words_must_be_there_wherever() -> None:
    assert titles("arduino microphone") == ["Nano 33 BLE Sense"]
    assert titles("Arduino H747 camera") == ["Portenta H7 (M4)"]
    assert titles("nordic microphone") == []


def test_no_words_find_nothing() -> None:
    assert titles("  ") == []
