"""What the OpenAPI document says of bodies that are no JSON of our own records."""

from __future__ import annotations

from typing import Any

Answers = dict[int | str, dict[str, Any]]


def media(*types: str, status: int = 200, text: str = "Done.") -> Answers:
    """A response in one of these media types."""
    return {status: {"description": text, "content": {one: _schema(one) for one in types}}}


def of_status(status: int, text: str) -> Answers:
    """A response without a body."""
    return {status: {"description": text}}


def body(*types: str) -> dict[str, Any]:
    """A body that must be there, in one of these media types."""
    return {"requestBody": {"required": True, "content": {one: _schema(one) for one in types}}}


def _schema(media_type: str) -> dict[str, Any]:
    is_json = media_type.endswith("json")
    return {"schema": {} if is_json else {"type": "string"}}
