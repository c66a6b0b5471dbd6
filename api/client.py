"""A client of a server of ours, with the verbs and the records of the library.

client = Client("http://127.0.0.1:8000")
fits = [one.board for one in client.match("digits-int8") if one.verdict is Verdict.FITS]
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from fitgraph.api.client_http import ServerError
from fitgraph.api.client_jobs import JobFailedError, JobOperations
from fitgraph.matcher.explanation import Remedy
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.ranking import Ranked
from fitgraph.matcher.verdict import Match
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue_models import ModelSummary
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.proof import Proof
from fitgraph.registry.resources import Added
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.thing_json import Json

__all__ = ["Client", "JobFailedError", "ServerError"]


@dataclass(frozen=True, slots=True)
class _Explained:
    """What of an explanation is no match."""

    remedies: tuple[Remedy, ...]


class Client(JobOperations):
    """Speaks to one server; safe to use from many threads.

    Every method raises what the library raises (``NotFoundError``, ``ConflictError``, ...), and
    ``ServerError`` for what only a server can answer, such as that a token is needed.
    """

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

    # --- all of it ---------------------------------------------------------------------------

    def backup(self, file: Path) -> int:
        """Writes the server's store into a file that is not there yet, and tells its bytes.

        Raises:
            StorageError: the file is there, or cannot be written.
            ServerError: it did not come whole.
        """
        return self._saved("backup", file)

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

    def remedies(
        self, model: str, board: str, runtime: str = DEFAULT_RUNTIME
    ) -> tuple[Remedy, ...]:
        """What would make a model run on a board, tried by the server, which takes seconds."""
        path = f"matches/{quote(model, safe='')}/{quote(board, safe='')}"
        query = urlencode({"runtime": runtime, "remedies": "true"})
        return self._one(f"{path}?{query}", _Explained).remedies

    def rank(
        self,
        model: str | None = None,
        board: str | None = None,
        runtime: str = DEFAULT_RUNTIME,
        *,
        pareto: bool = False,
    ) -> tuple[Ranked, ...]:
        """One model on all boards, or all models on one board, with figures; best verdict first.

        Args:
            model: its name, or None.
            board: its id, or None.
            runtime: its name.
            pareto: only what nothing else beats.
        """
        named = {"model": model, "board": board, "runtime": runtime, "pareto": str(pareto).lower()}
        return self._all("rankings", Ranked, {n: said for n, said in named.items() if said})

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
