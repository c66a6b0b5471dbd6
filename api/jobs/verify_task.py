"""A verification as a task: a proof is done again, and each of its lines held to what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from fitgraph.api.jobs.task import Artifact, Tell

if TYPE_CHECKING:
    from pathlib import Path

    from fitgraph.api.proof_files import ProofPackage
    from fitgraph.registry.catalogue import Registry


@dataclass(frozen=True, slots=True)
class VerifyTask:
    """A proof of the graph with all that is needed to do it again.

    Attributes:
        model_format: ``onnx`` or ``tflite``.
    """

    package: ProofPackage
    model_name: str
    model: bytes
    model_format: str

    def run(self, _folder: Path, tell: Tell) -> Verified:
        """See ``Task``."""
        from fitgraph.api.model_files import kept_graph
        from fitgraph.api.verifying import package_lines
        from fitgraph.compiler_bridge.verify import verify

        found = verify(
            self.package.proof,
            kept_graph(self.model, self.model_format, self.model_name),
            self.model,
            self.package.board,
            self.package.inputs,
            firmware=self.package.firmware,
            footprint=self.package.footprint,
            progress=tell,
        )
        lines = [*package_lines(self.package), *found.lines]
        plain = tuple(
            {"name": one.name, "stated": one.stated, "found": one.found, "holds": one.holds}
            for one in lines
        )
        return Verified(self.package.key, all(one.holds for one in lines), plain)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a proof that was done again; nothing of it goes into the graph."""

    kinds: ClassVar[tuple[str, ...]] = ()

    proof: str
    holds: bool
    lines: tuple[Mapping[str, Any], ...]
    artifact: Artifact | None = None

    def keep(self, _registry: Registry) -> Mapping[str, Any]:
        """See ``Made``."""
        return {"proof": self.proof, "holds": self.holds, "lines": list(self.lines)}
