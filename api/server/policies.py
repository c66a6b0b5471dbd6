"""Policies: SHACL shapes that no match and no plan of this server may break."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.plan_jobs import CheckPolicies
from fitgraph.api.schemas import PageDocument, PolicyDocument
from fitgraph.api.server.answers import body, media, of_status
from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.conditions import etag, is_known, require_match
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.state import Server, server_of
from fitgraph.matcher.policy_files import MAX_FILE_BYTES, MAX_FILES
from fitgraph.registry.errors import ConflictError, NotFoundError

router = APIRouter(tags=["policies"], dependencies=[Depends(needs(Right.READ))])

_TURTLE: Final = "text/turtle"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_CURATE: Final = [Depends(needs(Right.CURATE))]
KIND: Final = "policy"


@router.get("/policies", operation_id="list_policies",
            responses={200: {"model": PageDocument[PolicyDocument]}})  # fmt: skip
async def list_policies(request: Request) -> dict[str, Any]:
    """List all policies by name."""
    rules = server_of(request).policies.rules()
    items = [{"name": name, "bytes": len(text.encode())} for name, text in sorted(rules.items())]
    return {"items": items, "total": len(items), "next": None}


@router.get("/policies/{name}", operation_id="get_policy", response_class=Response,
            responses=media(_TURTLE))  # fmt: skip
async def get_policy(request: Request, name: str) -> Response:
    """Get the shapes of a policy."""
    text = _one(server_of(request), name)
    headers = {"ETag": etag(text)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type=_TURTLE)


@router.put("/policies/{name}", operation_id="put_policy", dependencies=_CURATE, status_code=201,
            response_class=Response, openapi_extra=body(_TURTLE),
            responses=of_status(201, "New.") | of_status(204, "Replaced."))  # fmt: skip
async def put_policy(request: Request, name: str) -> Response:
    """Put a policy in place; from then on it holds for every match and every plan."""
    server = server_of(request)
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"{name[:80]!r} cannot be a policy's name", hint="take letters, digits, _ and -"
        )
    require_media_type(request, (_TURTLE,))
    content = await read_body(request, MAX_FILE_BYTES, server.settings.body_timeout_s)
    rules = dict(server.policies.rules())
    require_match(request, *([etag(rules[name])] if name in rules else []))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError("the body is not UTF-8", hint="send UTF-8") from error
    if len(rules) >= MAX_FILES and name not in rules:
        raise ConflictError(f"there are {MAX_FILES} policies already", hint="remove one")
    await server.workers.do(CheckPolicies({**rules, name: text}), server.settings.query_timeout_s)
    is_new = await server.graph.write(lambda _: server.policies.put(name, text), KIND)
    return Response(status_code=201 if is_new else 204, headers={"ETag": etag(text)})


@router.delete("/policies/{name}", operation_id="remove_policy", dependencies=_CURATE,
               status_code=204, response_class=Response,
               responses=of_status(204, "Removed."))  # fmt: skip
async def remove_policy(request: Request, name: str) -> Response:
    """Remove a policy."""
    server = server_of(request)
    require_match(request, etag(_one(server, name)))
    rest = {one: text for one, text in server.policies.rules().items() if one != name}
    if rest:
        await server.workers.do(CheckPolicies(rest), server.settings.query_timeout_s)
    await server.graph.write(lambda _: server.policies.remove(name), KIND)
    return Response(status_code=204)


def _one(server: Server, name: str) -> str:
    rules = server.policies.rules()
    if name not in rules:
        raise NotFoundError(f"there is no policy {name!r:.100}", hint="/policies lists them")
    return rules[name]
