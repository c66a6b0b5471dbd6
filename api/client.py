"""A client of a server of ours, with the verbs and the records of the library.

client = Client("http://127.0.0.1:8000")
fits = [one.board for one in client.match("digits-int8") if one.verdict is Verdict.FITS]
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Self, TypeVar
from urllib.parse import quote, urlencode, urljoin

import urllib3
from pydantic import TypeAdapter, ValidationError
from urllib3.exceptions import HTTPError

from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.verdict import Match
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue_models import ModelSummary
from fitgraph.registry.errors import (
    ConflictError,
    InvalidBoardError,
    InvalidModelError,
    InvalidRecordError,
    InvalidThingError,
    NotFoundError,
    StorageError,
)
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import Iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.proof import Proof
from fitgraph.registry.resources import Added
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.thing_json import Json

T = TypeVar("T")
_PAGE: Final = 1000
#: Made once a type, which takes milliseconds.
_ADAPTERS: Final[dict[type[Any], TypeAdapter[Any]]] = {}
_ERRORS: Final[Mapping[str, type[FitgraphError]]] = {
    kind.code: kind
    for kind in (
        ConflictError, InvalidBoardError, InvalidModelError, InvalidRecordError, InvalidThingError,
        NotFoundError, StorageError,
    )
}  # fmt: skip


class ServerError(FitgraphError):
    """The server did not do what it was asked for.

    Attributes:
        status: of its response; 0 if there was none.
        problem: code of the problem that it told.
    """

    code: ClassVar[str] = "server-error"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str = "", status: int = 0, problem: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.problem = problem


class Client:
    """Speaks to one server; safe to use from many threads.

    Every method raises what the library raises (``NotFoundError``, ``ConflictError``, ...), and
    ``ServerError`` for what only a server can answer, such as that a token is needed.
    """

    def __init__(self, url: str, *, token: str | None = None, timeout_s: float = 60.0) -> None:
        self._url = url.rstrip("/") + "/"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._pool = urllib3.PoolManager(
            headers=headers, timeout=timeout_s, retries=urllib3.Retry(0, redirect=0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    # --- models ------------------------------------------------------------------------------

    def list_models(self, **fields: str) -> tuple[ModelSummary, ...]:
        """All models by name; of those, what has these values in its fields."""
        return self._all("models", ModelSummary, fields)

    def get_model(self, reference: str) -> ModelRecord:
        """The model with this name or start of its digest."""
        return self._one(f"models/{quote(reference)}", ModelRecord)

    def model_bytes(self, reference: str) -> bytes:
        """The model file."""
        return self._send("GET", f"models/{quote(reference)}/file")

    def add_model(self, content: bytes | Path, name: str) -> Added:
        """Adds a model file under a name."""
        data = content.read_bytes() if isinstance(content, Path) else content
        path = f"models?{urlencode({'name': name})}"
        return self._added(self._send("POST", path, data, "application/octet-stream"))

    def remove_model(self, reference: str) -> None:
        """Removes a model with its footprints and proofs, or only a name if it has others."""
        self._send("DELETE", f"models/{quote(reference)}")

    # --- boards, parts, runtimes -------------------------------------------------------------

    def list_boards(self, **fields: str) -> tuple[Board, ...]:
        """All boards by id; of those, what has these values in its fields."""
        return self._all("boards", Board, fields)

    def get_board(self, reference: str) -> Board:
        """The board with this id."""
        return self._one(f"boards/{quote(reference)}", Board)

    def add_board(self, text: str) -> Added:
        """Adds a board that YAML describes."""
        return self._added(self._send("POST", "boards", text.encode(), "application/yaml"))

    def remove_board(self, reference: str) -> None:
        """Removes a board with the proofs on it."""
        self._send("DELETE", f"boards/{quote(reference)}")

    def list_mcus(self, **fields: str) -> tuple[Mcu, ...]:
        """All microcontrollers by id; of those, what has these values in its fields."""
        return self._all("mcus", Mcu, fields)

    def get_mcu(self, reference: str) -> Mcu:
        """The microcontroller with this id."""
        return self._one(f"mcus/{quote(reference)}", Mcu)

    def list_runtimes(self, **fields: str) -> tuple[Runtime, ...]:
        """All runtimes by name; of those, what has these values in its fields."""
        return self._all("runtimes", Runtime, fields)

    def get_runtime(self, reference: str) -> Runtime:
        """The runtime with this name."""
        return self._one(f"runtimes/{quote(reference)}", Runtime)

    # --- what is known of them together ------------------------------------------------------

    def match(
        self, model: str | None = None, board: str | None = None, runtime: str = DEFAULT_RUNTIME
    ) -> tuple[Match, ...]:
        """Verdicts on a model on all boards, on all models on a board, or on one pair."""
        named = {"model": model, "board": board, "runtime": runtime}
        return self._all("matches", Match, {n: said for n, said in named.items() if said})

    def explain(self, model: str, board: str, runtime: str = DEFAULT_RUNTIME) -> Match:
        """Every constraint of one model on one board."""
        path = f"matches/{quote(model, safe='')}/{quote(board, safe='')}"
        return self._one(f"{path}?{urlencode({'runtime': runtime})}", Match)

    def list_footprints(self, **fields: str) -> tuple[Footprint, ...]:
        """All footprints; of those, what has these values in its fields."""
        return self._all("footprints", Footprint, fields)

    def list_proofs(self, **fields: str) -> tuple[Proof, ...]:
        """All proofs; of those, what has these values in its fields."""
        return self._all("proofs", Proof, fields)

    def get_proof(self, reference: str) -> Proof:
        """The proof with this start of its digest."""
        return self._one(f"proofs/{quote(reference)}", Proof)

    # --- things, and questions ---------------------------------------------------------------

    def put_thing(self, description: Mapping[str, Json]) -> None:
        """Takes in a Thing Description under its id, or puts it in place of the one there."""
        path = f"things/{quote(str(description['id']), safe='')}"
        self._send("PUT", path, json.dumps(description).encode(), "application/td+json")

    def get_thing(self, thing: str) -> dict[str, Json]:
        """The description of a thing, with what the directory notes of it."""
        found: dict[str, Json] = json.loads(self._send("GET", f"things/{quote(thing, safe='')}"))
        return found

    def remove_thing(self, thing: str) -> None:
        """Removes the description of a thing."""
        self._send("DELETE", f"things/{quote(thing, safe='')}")

    def query(self, sparql: str) -> tuple[dict[str, str], ...]:
        """Rows of a SELECT query: variables to values as texts."""
        content = self._send("POST", "sparql", sparql.encode(), "application/sparql-query")
        rows = json.loads(content)["results"]["bindings"]
        return tuple({name: str(term["value"]) for name, term in row.items()} for row in rows)

    # --- HTTP --------------------------------------------------------------------------------

    def _all(self, path: str, kind: type[T], fields: Mapping[str, str]) -> tuple[T, ...]:
        return tuple(self._pages(f"{path}?{urlencode({**fields, 'limit': _PAGE})}", kind))

    def _pages(self, path: str, kind: type[T]) -> Iterator[T]:
        following: str | None = path
        while following:
            page = json.loads(self._send("GET", following))
            yield from (_record(one, kind) for one in page["items"])
            following = page["next"]

    def _one(self, path: str, kind: type[T]) -> T:
        return _record(json.loads(self._send("GET", path)), kind)

    def _added(self, content: bytes) -> Added:
        said = json.loads(content)
        return Added(Iri(said["iri"]), is_new=said["is_new"])

    def _send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        headers = {**self._pool.headers, "Accept": "application/json, */*;q=0.5"}
        headers |= {"Content-Type": kind} if kind else {}
        try:
            response = self._pool.request(
                method, urljoin(self._url, path), body=body, headers=headers
            )
        except HTTPError as error:
            raise ServerError(
                f"the server at {self._url} does not answer: {error}", hint="is it running?"
            ) from error
        if response.status >= 300:
            raise _error(response.status, response.data)
        return response.data


def _error(status: int, content: bytes) -> FitgraphError:
    """The error that the server met, as the library has it."""
    try:
        said = json.loads(content)
        message, code, hint = str(said["detail"]), str(said["code"]), str(said.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return ServerError(f"the server answers with HTTP {status}", status=status)
    if code in _ERRORS:
        return _ERRORS[code](message, hint=hint)
    return ServerError(message, hint=hint, status=status, problem=code)


def _record(said: Any, kind: type[T]) -> T:  # noqa: ANN401 - whatever the server says
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    try:
        found: T = _ADAPTERS[kind].validate_python(said)
    except ValidationError as error:
        raise ServerError(
            f"the server's {kind.__name__} is not one of this version: {error.errors()[0]['msg']}",
            hint="use the same version of fitgraph on both sides",
        ) from error
    return found
