"""Things to register, and how they get to a server."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import httpx

TD = {"Content-Type": "application/td+json"}


def description(thing: str | None = None, **members: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        **({} if thing is None else {"id": thing}),
        "title": "Lamp",
        "security": ["none"],
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        **members,
    }


def new_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def put(client: httpx.Client, value: dict[str, Any], status: int = 201) -> httpx.Response:
    response = client.put(f"/things/{quote(value['id'])}", content=json.dumps(value), headers=TD)
    assert response.status_code == status, response.text
    return response


def get(client: httpx.Client, thing: str) -> dict[str, Any]:
    response = client.get(f"/things/{thing}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found
