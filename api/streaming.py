"""How a package takes a signal row by row, if it is asked to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.packages.content import Content
    from fitgraph.registry.model_graph import ModelGraph


@dataclass(frozen=True, slots=True)
class Rows:
    """What the user asks for.

    Attributes:
        hop: rows between two runs.
        axis: of time; None for the first with more than one step.
    """

    hop: int
    axis: int | None = None

    def check(self, graph: ModelGraph) -> None:
        """Refuse what does not suit the model, before it is built.

        Raises:
            StreamingError: see ``with_streaming``.
        """
        from fitgraph.compiler_bridge.packages.streaming import window_of

        shapes = [graph.tensor(index).shape for index in graph.inputs]
        fixed = [tuple(size for size in shape if isinstance(size, int)) for shape in shapes]
        if fixed == [
            tuple(shape) for shape in shapes
        ]:  # A symbolic one is refused by the compiler.
            window_of(graph.name, fixed, self.hop, self.axis)

    def added_to(self, content: Content) -> Content:
        """The content with what takes rows."""
        from fitgraph.compiler_bridge.packages.streaming import with_streaming

        return replace(content, generated=with_streaming(content.generated, self.hop, self.axis))
