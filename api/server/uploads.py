"""Models and boards that somebody hands in or takes away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.first_use import forget
from fitgraph.api.model_files import check_name, read_whole
from fitgraph.api.schemas import AddedDocument
from fitgraph.api.server.answers import body, of_status
from fitgraph.api.server.bodies import read_body, require_media_type, save_body
from fitgraph.api.server.collections import BOARDS, MODELS
from fitgraph.api.server.conditions import require_match
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.resources import Collection, address_of, tags_of
from fitgraph.api.server.state import server_of
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import parse_board
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import InvalidModelError, NotFoundError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.resources import Added
from fitgraph.registry.thing_board import board_from_model
from fitgraph.registry.thing_json import parse_document

router = APIRouter(dependencies=[Depends(needs(Right.CURATE))])

_MODEL: Final = "application/octet-stream"
_YAML: Final = ("application/yaml", "text/yaml", "application/x-yaml")
_THING_MODEL: Final = ("application/tm+json", "application/td+json", "application/ld+json")
_BOARD: Final = (*_YAML, *_THING_MODEL)


@router.post("/models", operation_id="add_model", tags=["models"], status_code=201,
             openapi_extra=body(_MODEL), responses={200: {"model": AddedDocument}})  # fmt: skip
async def add_model(
    request: Request, response: Response, name: Annotated[str, Query(max_length=500)]
) -> AddedDocument:
    """Add an ONNX or TFLite file under a name; 200 where it was there already.

    It is written to disk as it arrives, and read in a process of its own within limits.
    """
    server = server_of(request)
    require_media_type(request, (_MODEL,))
    check_name(name)
    with tempfile.TemporaryDirectory(prefix="fitgraph-upload-") as folder:
        file = Path(folder) / "model"
        settings = server.settings
        await save_body(request, file, settings.model_bytes, settings.body_timeout_s)
        added = await server.graph.read(lambda _: _Model(file, name))
        done = await server.graph.write(added.add, "model")
    return _added(response, done, address_of(MODELS, name))


@router.delete("/models/{key:path}", operation_id="remove_model", tags=["models"], status_code=204,
               responses=of_status(204, "Removed."))  # fmt: skip
async def remove_model(request: Request, key: str) -> Response:
    """Remove a model with its footprints and proofs, or only a name if it has others."""
    await _require(request, MODELS, key)
    await server_of(request).graph.write(
        lambda registry: registry.remove_model(key), "model", "footprint", "proof", "variant"
    )
    return Response(status_code=204)


@router.post("/boards", operation_id="add_board", tags=["boards"], status_code=201,
             openapi_extra=body(*_BOARD), responses={200: {"model": AddedDocument}})  # fmt: skip
async def add_board(request: Request, response: Response) -> AddedDocument:
    """Add a board, in YAML or as a Thing Model; 409 if its id is that of another."""
    board = await _board(request)
    done = await _put_board(request, board, replace=False)
    return _added(response, done, address_of(BOARDS, board.board_id))


@router.put("/boards/{key}", operation_id="put_board", tags=["boards"], status_code=201,
            openapi_extra=body(*_BOARD), responses={200: {"model": AddedDocument}})  # fmt: skip
async def put_board(request: Request, response: Response, key: str) -> AddedDocument:
    """Put a board in place of the one of the same id."""
    board = await _board(request)
    if board.board_id != key:
        raise RequestError(
            f"the board is {board.board_id!r:.100}, and not the one in the address",
            hint="put it at its own id",
        )
    is_new = not await _require(request, BOARDS, key, may_be_new=True)
    done = await _put_board(request, board, replace=True)
    response.status_code = 201 if is_new else 200
    return AddedDocument(iri=done.iri, is_new=done.is_new)


@router.delete("/boards/{key}", operation_id="remove_board", tags=["boards"], status_code=204,
               responses=of_status(204, "Removed."))  # fmt: skip
async def remove_board(request: Request, key: str) -> Response:
    """Remove a board with the proofs on it."""
    await _require(request, BOARDS, key)
    await server_of(request).graph.write(
        lambda registry: registry.remove_board(key), "board", "proof"
    )
    return Response(status_code=204)


class _Model:
    """A model file that was read."""

    def __init__(self, file: Path, name: str) -> None:
        self._name = name
        try:
            self._graph, self._content = read_whole(file)
        except InvalidModelError as error:
            said = error.message.replace(str(file), repr(name)).replace(f"{file.parent}/", "")
            raise InvalidModelError(said, hint=error.hint) from error
        self._facts = model_facts(self._graph)

    def add(self, registry: Registry) -> Added:
        return registry.add_model(self._graph, self._facts, self._content, self._name)


async def _board(request: Request) -> Board:
    settings = server_of(request).settings
    kind = require_media_type(request, _BOARD)
    content = await read_body(request, settings.body_bytes, settings.body_timeout_s)
    if kind in _THING_MODEL:
        return board_from_model(parse_document(content, "the body"))
    try:
        return parse_board(content.decode("utf-8"), "the body")
    except UnicodeDecodeError as error:
        raise RequestError("the body is not UTF-8", hint="send UTF-8") from error


async def _put_board(request: Request, board: Board, *, replace: bool) -> Added:
    server = server_of(request)

    def change(registry: Registry) -> Added:
        added = registry.add_board(board, replace=replace)
        if added.is_new:
            forget(server.graph.where, board.board_id)
        return added

    return await server.graph.write(change, "board")


async def _require(
    request: Request, collection: Collection[Any], key: str, *, may_be_new: bool = False
) -> bool:
    """Whether the resource is there, which must be what the client thinks it is."""
    try:
        tags = await tags_of(server_of(request), collection, key)
    except NotFoundError:
        if not may_be_new:
            raise
        tags = ()
    require_match(request, *tags)
    return bool(tags)


def _added(response: Response, done: Added, address: str) -> AddedDocument:
    response.headers["Location"] = address
    if not done.is_new:
        response.status_code = 200
    return AddedDocument(iri=done.iri, is_new=done.is_new)
