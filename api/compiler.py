"""Hands the matcher a compiler to ask, when the runtime is the one that we compile for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fitgraph.api.model_files import stored_graph

if TYPE_CHECKING:
    from fitgraph.matcher.facts import Compiler, CompilerAnswer
    from fitgraph.registry.catalogue import Registry

OWN_RUNTIME = "fitgraph-c"


class LazyCompiler:
    """The compiler of ``fitgraph-c``, imported (0.7 s) when it is first asked."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._compiler: Compiler | None = None

    def answer(self, model_sha256: str) -> CompilerAnswer | None:
        """See ``Compiler.answer``."""
        if self._compiler is None:
            from fitgraph.compiler_bridge.runtime import FitgraphCompiler

            self._compiler = FitgraphCompiler(lambda sha256: stored_graph(self._registry, sha256))
        return self._compiler.answer(model_sha256)


def compiler_for(registry: Registry, runtime: str) -> Compiler | None:
    """The compiler of the runtime; None for runtimes that others compile for."""
    return LazyCompiler(registry) if runtime == OWN_RUNTIME else None
