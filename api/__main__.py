"""``python -m fitgraph.api`` is the ``fitgraph`` command."""

from __future__ import annotations

from fitgraph.api.command_line import main

if __name__ == "__main__":
    main()
