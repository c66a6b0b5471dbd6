"""All pages; where two are at one address, the first is shown."""

from __future__ import annotations

from typing import Final

from fitgraph.api.web import (
    board_page,
    build_pages,
    home_page,
    identifier_page,
    lineage_page,
    list_page,
    match_page,
    matches_page,
    mcu_page,
    model_page,
    plan_pages,
    proof_page,
    ranking_page,
    resource_page,
    sign_in_page,
    sparql_page,
    static_files,
    terms_page,
    things_page,
)

ROUTERS: Final = (
    static_files.router,
    sign_in_page.router,
    home_page.router,
    sparql_page.router,
    terms_page.router,
    lineage_page.router,
    things_page.router,
    build_pages.router,
    plan_pages.router,
    list_page.router,
    identifier_page.router,
    match_page.router,
    matches_page.router,
    model_page.router,
    ranking_page.router,
    board_page.router,
    mcu_page.router,
    proof_page.router,
    resource_page.router,
)
