"""Links, anchors and commands of a Markdown file."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Document:
    """What a checker wants to know of one Markdown file.

    Attributes:
        links: targets of links and images, as written.
        anchors: names that ``#...`` may point at, made of the headings as GitHub makes them.
        commands: lines of ``console``, ``sh``, ``shell`` and ``bash`` blocks that are commands:
            after ``$ `` where the block has prompts, else all of them.
    """

    links: tuple[str, ...]
    anchors: frozenset[str]
    commands: tuple[str, ...]


def read_document(text: str) -> Document:
    """Parses Markdown (CommonMark)."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return Document(
        links=tuple(link for token in tokens for link in _links(token)),
        anchors=frozenset(_anchors(tokens)),
        commands=tuple(command for token in tokens for command in _commands(token)),
    )


def words_of(command: str) -> list[str]:
    """The program and its arguments, up to the shell's first redirection, pipe or separator."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(takewhile(lambda word: not set(word) <= set("<>|&;"), lexer))


def _links(token: Token) -> list[str]:
    found = [token.attrGet("href"), token.attrGet("src")]
    links = [str(one) for one in found if one]
    return links + [link for child in token.children or () for link in _links(child)]


def _anchors(tokens: list[Token]) -> list[str]:
    headings = [
        tokens[at + 1].content for at, one in enumerate(tokens) if one.type == "heading_open"
    ]
    return [re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings]


def _commands(token: Token) -> list[str]:
    if token.type != "fence" or token.info.split(" ")[0] not in {"console", "sh", "shell", "bash"}:
        return []
    lines = token.content.replace("\\\n", " ").splitlines()
    prompted = [line[2:] for line in lines if line.startswith("$ ")]
    return prompted or [line for line in lines if line and not line.startswith("#")]
