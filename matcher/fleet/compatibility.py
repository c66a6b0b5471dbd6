"""What fits what, as a networkx graph: for planning scripts that want its algorithms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fitgraph.matcher.fleet.options import Choices

if TYPE_CHECKING:
    import networkx as nx


def compatibility_graph(choices: Choices) -> nx.Graph:
    """Groups and demands on one side, models on the other, an edge where a model could be chosen.

    Nodes are pairs of a kind (``group``, ``model``) and a name. Groups have ``n_devices``; edges
    ``demand``, ``verdict``, ``accuracy``, ``flash_bytes`` and ``sram_bytes``. A group and a model
    have an edge for each demand, so the graph is a ``MultiGraph``.
    """
    import networkx as nx  # noqa: PLC0415 - takes 0.2 s, which who wants no graph need not wait for

    graph = nx.MultiGraph()
    for group in choices.fleet.groups:
        graph.add_node(("group", group.name), bipartite=0, n_devices=group.count)
    for (group_name, demand), options in choices.options.items():
        for option in options:
            model = ("model", option.model.name)
            graph.add_node(model, bipartite=1, sha256=option.model.sha256)
            graph.add_edge(
                ("group", group_name),
                model,
                key=demand,
                demand=demand,
                verdict=str(option.verdict),
                accuracy=option.accuracy,
                flash_bytes=option.need.flash_bytes,
                sram_bytes=option.need.together_bytes,
            )
    return graph
