"""Writes the vocabulary's documentation to ``build/docs/ontology.html``, and prints what changed.

``python -m scripts.ontology_page [FOLDER]``; ``make docs`` runs it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fitgraph.ontology.term_changes import report
from scripts.ontology_page.page import Page, render


def main() -> int:
    """1 when a released term was removed, so that it cannot go unnoticed."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs")
    folder.mkdir(parents=True, exist_ok=True)
    page = Page()
    target = folder / "ontology.html"
    target.write_text(render(page), encoding="utf-8")
    print(report(page.changes))
    print(f"wrote {target}")
    if page.changes.broken:
        print(f"removed or made something else: {', '.join(page.changes.broken)}", file=sys.stderr)
    return 1 if page.changes.broken else 0


if __name__ == "__main__":
    sys.exit(main())
