"""What the head of every page leads to."""

from __future__ import annotations

from typing import Final

#: Addresses with the words of their links.
NAVIGATION: Final = (
    ("/models", "Models"),
    ("/boards", "Boards"),
    ("/matches", "Matches"),
    ("/builds", "Builds"),
    ("/plans", "Plans"),
    ("/mcus", "Microcontrollers"),
    ("/runtimes", "Runtimes"),
    ("/devices", "Devices"),
    ("/proofs", "Proofs"),
    ("/sparql", "SPARQL"),
)
