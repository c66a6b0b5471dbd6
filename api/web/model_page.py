"""The page of a model: what it is made of, what it takes, and what it runs on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Request, Response
from pyoxigraph import NamedNode

from fitgraph.api.memory_timeline import memory_timeline_svg
from fitgraph.api.model_jobs import ModelLook
from fitgraph.api.server.model_files import model_file, model_timeline
from fitgraph.api.server.ruling import ruled, under_rules
from fitgraph.api.server.state import Server, server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.api.web.verdict_tables import match_row, portion, tallies
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.query_files import query_text
from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.errors import FitgraphError
from fitgraph.ontology.namespaces import FG
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import Iri, footprint_iri, key_of, model_iri
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.variant import Variant

router = page_router()

#: Rows of a table; the data has them all.
MOST_ROWS: Final = 300
#: Seconds that the page waits for what the model's file tells; then it comes without.
_PATIENCE_S: Final = 0.02
_STRENGTH: Final = {evidence: rank for rank, evidence in enumerate(Evidence)}
_DCTERMS: Final = "http://purl.org/dc/terms/"
_KINDS: Final = ("model", "variant", "footprint", "description")


@dataclass(frozen=True, slots=True)
class Kind:
    """Operators of one type.

    Attributes:
        macs: of all of them; None where they are not known.
        share: of the model's, between 0 and 1.
        dtypes: element types in and out.
    """

    name: str
    version: int
    count: int
    dtypes: str
    macs: int | None
    share: float


@dataclass(frozen=True, slots=True)
class FootprintRow:
    """A footprint, and where more is said of it."""

    footprint: Footprint
    key: str


@dataclass(frozen=True, slots=True)
class Relative:
    """A model that this one was made of, or that was made of it.

    Attributes:
        name: what it is called, or the start of its digest.
    """

    name: str
    variant: Variant


@dataclass(frozen=True, slots=True)
class ModelView:
    """Everything of a model that the graph tells.

    Attributes:
        said: its task, licence and source, where somebody said them.
    """

    record: ModelRecord
    said: dict[str, tuple[str, ...]]
    kinds: tuple[Kind, ...]
    footprints: tuple[FootprintRow, ...]
    parents: tuple[Relative, ...]
    variants: tuple[Relative, ...]


# A browser that follows a link to what is no page gets it all the same.
router.add_api_route("/models/{key}/file", model_file)
router.add_api_route("/models/{key}/timeline.svg", model_timeline)


@router.get("/models/{key:path}")
async def model_page(request: Request, key: str, verdict: Verdict | None = None) -> Response:
    """Get the page of a model."""
    server = server_of(request)
    view = await server.graph.kept(f"model page {key}", lambda r: view_of(r, key), *_KINDS)
    sha256 = view.record.sha256
    name = key if key in view.record.names else view.record.names[0]
    needs = await server.matching.model(name)
    side = await server.matching.side(needs.name, None, DEFAULT_RUNTIME, waits=False)
    side = await ruled(server, side)
    counts = side.counts
    start, n_shown, _ = portion(counts, verdict)
    found = await server.graph.read(lambda _: side.index.decided(side.some(n_shown, start)))
    matches = await under_rules(server, found)
    return page(
        request, "model",
        title=name,
        iri=model_iri(sha256),
        view=view,
        look=await _look(server, sha256),
        is_looked_at=server.matching.looks.is_known(sha256),
        rows=[match_row(one) for one in matches],
        tallies=tallies(counts, request.url.path, verdict),
        n_boards=sum(counts.values()),
        runtime=DEFAULT_RUNTIME,
        most_rows=MOST_ROWS,
        timeline=await _timeline(server, needs) if "timeline" in request.query_params else None,
    )  # fmt: skip


def view_of(registry: Registry, reference: str) -> ModelView:
    """What the graph tells of a model.

    Raises:
        NotFoundError: there is none of that name.
    """
    record = registry.get_model(reference)
    names = {one.sha256: one.name for one in registry.list_models()}
    made = registry.list_variants(source=record.sha256)
    return ModelView(
        record=record,
        said=_said(registry, model_iri(record.sha256)),
        kinds=kinds_of(record),
        footprints=tuple(
            FootprintRow(one, key_of(footprint_iri(one)))
            for one in sorted(registry.list_footprints(model=record.sha256), key=_footprint_order)
        ),
        parents=tuple(
            Relative(names.get(one.source_sha256, one.source_sha256[:12]), one)
            for one in _parents(registry, record.sha256)
        ),
        variants=tuple(Relative(names.get(v.model_sha256, v.model_sha256[:12]), v) for v in made),
    )


def kinds_of(record: ModelRecord) -> tuple[Kind, ...]:
    """Operators by type, those that do most first."""
    facts = record.facts
    total = sum(facts.macs_by_op.values()) or 1
    counts: Counter[str] = Counter()
    found = []
    for use in facts.operators:
        op_type = use.name.rpartition(":")[2]
        counts[op_type] += 1
        # The figure is that of the type: it is told once, at its first use.
        is_first = counts[op_type] == 1
        macs = facts.macs_by_op.get(op_type, 0) if is_first else 0
        is_unknown = use.name in facts.macs_unknown_for
        dtypes = f"{_dtypes(use.input_dtypes)} to {_dtypes(use.output_dtypes)}"
        found.append(
            Kind(use.name, use.version, use.count, dtypes, None if is_unknown else macs,
                 macs / total)
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-(one.macs or 0), -one.count, one.name)))


def _dtypes(dtypes: Sequence[object]) -> str:
    return ", ".join(dict.fromkeys(str(one) for one in dtypes if one is not None)) or "nothing"


def _footprint_order(one: Footprint) -> tuple[object, ...]:
    return (one.runtime != DEFAULT_RUNTIME, one.runtime, one.isa_class, _STRENGTH[one.evidence])


def _parents(registry: Registry, sha256: str) -> tuple[Variant, ...]:
    try:
        return (registry.get_variant(sha256),)
    except NotFoundError:
        return ()


def _said(registry: Registry, iri: Iri) -> dict[str, tuple[str, ...]]:
    """Task, licence and source, whoever's graph says them."""
    wanted = {f"{FG}task": "task", f"{_DCTERMS}license": "licence", f"{FG}license": "licence",
              f"{_DCTERMS}source": "source"}  # fmt: skip
    found: dict[str, list[str]] = {}
    for row in registry.store.query(query_text("facts_of"), {"subject": NamedNode(iri)}):
        name = wanted.get(getattr(row["predicate"], "value", ""))
        if name:
            found.setdefault(name, []).append(str(getattr(row["object"], "value", "")))
    return {name: tuple(sorted(set(texts))) for name, texts in found.items()}


async def _look(server: Server, sha256: str) -> ModelLook | None:
    """What the file tells, if that is known by now or soon."""
    looking = asyncio.ensure_future(server.matching.looks.look(sha256))
    try:
        return await asyncio.wait_for(asyncio.shield(looking), _PATIENCE_S)
    except (TimeoutError, FitgraphError):
        looking.add_done_callback(lambda done: done.cancelled() or done.exception())
        return None


async def _timeline(server: Server, model: ModelNeeds) -> dict[str, str]:
    """The picture, or why there is none."""
    try:
        found = await server.matching.looks.timeline(model.sha256)
    except FitgraphError as error:
        return {"refusal": error.message, "hint": error.hint}
    return {"svg": memory_timeline_svg(replace(found, model=model.name))}
