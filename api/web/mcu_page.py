"""The page of a microcontroller: its memory to scale, and the boards that carry it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response
from pyoxigraph import NamedNode

from fitgraph.api.pictures.memory_map import memory_map_svg
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.ontology.questions import question_named
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.claim import Claim, contradictions
from fitgraph.registry.iris import key_of, mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.triples.terms import python_value

router = page_router()


@dataclass(frozen=True, slots=True)
class Carrier:
    """A board with the microcontroller; ``doubt`` says why that is a guess, where it is one."""

    board_id: str
    doubt: str


@dataclass(frozen=True, slots=True)
class McuView:
    """Everything of a microcontroller that its page shows.

    Attributes:
        map_svg: its memory to scale, or an empty string.
        disputed: claims of properties that sources disagree about.
    """

    mcu: Mcu
    map_svg: str
    carriers: tuple[Carrier, ...]
    disputed: dict[str, tuple[Claim, ...]]


@router.get("/mcus/{key:path}")
async def mcu_page(request: Request, key: str) -> Response:
    """Get the page of a microcontroller."""
    view = await server_of(request).graph.read(lambda registry: view_of(registry, key))
    mcu = view.mcu
    return page(request, "mcu", title=mcu.part, iri=mcu_iri(mcu.mcu_id), view=view)


def view_of(registry: Registry, key: str) -> McuView:
    """What is shown of a microcontroller.

    Raises:
        NotFoundError: there is none that is called so.
    """
    mcu = registry.get_mcu(key)
    bare = Board(
        mcu.mcu_id,
        mcu.part,
        mcu.vendor,
        mcu.part,
        mcu.cpu_core,
        mcu.isa_class,
        mcu.clock_hz,
        mcu.regions,
    )
    rows = registry.store.query(
        question_named("boards-with-a-microcontroller").sparql,
        {"microcontroller": NamedNode(mcu_iri(mcu.mcu_id))},
    )
    carriers = tuple(
        Carrier(
            key_of(str(python_value(row["board"]))),
            str(python_value(row["reason"])) if "reason" in row else "",
        )
        for row in rows
    )
    drawing = memory_map_svg(bare) if mcu.regions else ""
    return McuView(mcu, drawing, carriers, contradictions(mcu.claims))
