"""All pages; where two are at one address, the first is shown."""

from __future__ import annotations

from typing import Final

from fitgraph.api.web import identifier_page, list_page, resource_page, static_files

ROUTERS: Final = (
    static_files.router,
    list_page.router,
    identifier_page.router,
    resource_page.router,
)
