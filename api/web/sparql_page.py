"""The SPARQL endpoint in a browser: an editor, questions to start from, and answers to look at.

A query stands in the page's address, so that it can be kept and sent to others, and nothing of it
needs a script but the colours of the words. The address has ``form=html``, which browsers do not
send: without it, a query is answered with data, whatever else is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from fitgraph.api.problems import Problem, problem_of
from fitgraph.api.server.sparql import ask, query_by_get
from fitgraph.api.server.sparql_request import asked
from fitgraph.api.server.state import server_of
from fitgraph.api.web.answers import AnswerView, view_of
from fitgraph.api.web.examples import Example, example
from fitgraph.api.web.preference import HTML
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.ontology.errors import FitgraphError
from fitgraph.ontology.questions import question_named, questions
from fitgraph.registry.answer_text import GraphForm, ResultForm

router = page_router()

_FIRST: Final = """\
PREFIX fg: <https://w3id.org/fitgraph/ontology#>

SELECT ?isa_class (COUNT(?board) AS ?boards)
WHERE { ?board a fg:Board ; fg:isaClass ?isa_class }
GROUP BY ?isa_class
ORDER BY DESC(?boards)
"""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows: a query, and what came of it."""

    sparql: str
    answer: AnswerView | None = None
    problem: Problem | None = None
    example: Example | None = None


@router.get("/sparql")
async def sparql_page(request: Request) -> Response:
    """The editor, with the answer to the query or the question in the address."""
    if "query" in request.query_params and request.headers.get("accept") != HTML:
        return await query_by_get(request)  # clients that say HTML and mean data are about
    shown = await _shown(request)
    return page(
        request,
        "sparql",
        title="SPARQL",
        status=shown.problem.status if shown.problem else 200,
        shown=shown,
        questions=questions(),
        data=urlencode({"query": shown.sparql}),
    )


async def _shown(request: Request) -> _Shown:
    arguments = request.query_params
    if "question" in arguments:
        return await _example(request, arguments["question"], arguments)
    if "query" in arguments:
        return await _answered(request, _Shown(arguments["query"]), request.scope["query_string"])
    return _Shown(_FIRST)


async def _example(request: Request, name: str, given: Mapping[str, str]) -> _Shown:
    """A question with its values filled in, and answered where there is one for each."""
    try:
        question = question_named(name[:200])
    except FitgraphError as error:
        return _Shown(_FIRST, problem=problem_of(error))
    try:
        found = await server_of(request).graph.read(
            lambda registry: example(registry, question, given)
        )
    except FitgraphError as error:
        said = {one: given.get(one, "") for one in question.binds}
        unready = Example(question, said, question.sparql, is_ready=False)
        return _Shown(question.sparql, problem=problem_of(error), example=unready)
    shown = _Shown(found.sparql, example=found)
    if not found.is_ready:
        return shown
    return await _answered(request, shown, urlencode({"query": found.sparql}).encode())


async def _answered(request: Request, shown: _Shown, arguments: bytes) -> _Shown:
    try:
        said = asked("GET", arguments, "", None, b"")
        done = await ask(request, said, ResultForm.JSON, GraphForm.NTRIPLES)
        return _Shown(shown.sparql, view_of(done), None, shown.example)
    except FitgraphError as error:
        return _Shown(shown.sparql, None, problem_of(error), shown.example)
