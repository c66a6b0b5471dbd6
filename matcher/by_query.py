"""The matcher's decision as a query: verdicts by what the graph alone says."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.questions import question_named
from fitgraph.registry.iris import key_of
from fitgraph.registry.store_base import Store
from fitgraph.registry.triples.reading import local_name
from fitgraph.registry.triples.terms import Term, python_value

#: The competency question that holds the query.
QUESTION = "verdicts"


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """What the query says of one pair.

    Attributes:
        model_sha256: digest of the model.
        board: its id.
        runtime: its name.
    """

    model_sha256: str
    board: str
    runtime: str
    verdict: Verdict


def verdicts_by_query(
    store: Store,
    model: str | None = None,
    board: str | None = None,
    runtime: str | None = None,
    *,
    sram_reserve: int | None = None,
    flash_reserve: int | None = None,
) -> tuple[Told, ...]:
    """Verdicts by SPARQL, those of ``match`` without compiler, policies and other demands.

    Args:
        store: any store; the query is answered where the graph is.
        model: IRI; None for all models.
        board: IRI; None for all boards.
        runtime: IRI; None for all runtimes.
        sram_reserve: bytes of each RAM region, in place of what boards declare; None for these.
        flash_reserve: likewise, of each flash region.
    """
    asked = {"model": model, "board": board, "runtime": runtime}
    reserves = {"sram_reserve": sram_reserve, "flash_reserve": flash_reserve}
    bound: dict[str, Term] = {n: NamedNode(iri) for n, iri in asked.items() if iri is not None}
    bound |= {n: Literal(n_bytes) for n, n_bytes in reserves.items() if n_bytes is not None}
    rows = store.query(question_named(QUESTION).sparql, bound)
    told = [{name: str(python_value(term)) for name, term in row.items()} for row in rows]
    return tuple(
        Told(
            model_sha256=key_of(row["model"]),
            board=key_of(row["board"]),
            runtime=key_of(row["runtime"]),
            verdict=Verdict(local_name(row["verdict"])),
        )
        for row in told
    )
