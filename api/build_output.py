"""What a build says on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fitgraph.api.commands.proof import print_proof
from fitgraph.api.output import out, print_fields, print_json

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.generated import GeneratedCode
    from fitgraph.compiler_bridge.host_check import HostCheck
    from fitgraph.compiler_bridge.prove import ProvenBuild
    from fitgraph.compiler_bridge.recipes.evaluate import Metric
    from fitgraph.registry.footprint import Footprint


def print_check(check: HostCheck, quality: Metric | None, folder: Path, *, as_json: bool) -> None:
    """Say what came of a build for this machine."""
    seen = check.comparison
    if as_json:
        print_json(
            {
                "artifacts": str(folder),
                "inputs": check.input_kind,
                "input_sets": len(check.outputs),
                "outputs_compared": seen.n_values,
                "worst_difference": seen.worst_difference,
                "reference": check.reference,
                "arena_bytes": check.generated.arena_bytes,
                "quality": quality,
            }
        )
        return
    print_fields(
        {
            "compared": f"{seen.n_values:,} outputs of {len(check.outputs):,} input sets",
            "with": check.reference,
            "worst difference": f"{seen.worst_difference:g}",
            "arena": f"{check.generated.arena_bytes:,} B",
            **_judged(quality),
        }
    )
    out().print(f"\nran here on {check.input_kind} inputs; package in {folder}", markup=False)


def print_proven(
    model: str, proven: ProvenBuild, quality: Metric | None, folder: Path, *, as_json: bool
) -> None:
    """Say what was proven."""
    if as_json:
        print_json(
            {
                "artifacts": str(folder),
                "inputs": proven.input_kind,
                "footprint": proven.footprint,
                "proof": proven.proof,
                "quality": quality,
                "in_patches": proven.generated.in_patches,
                "extra_macs": proven.generated.extra_macs,
                "arena_parts": proven.generated.parts,
                "arena_lower_bound_bytes": proven.generated.lower_bound_bytes,
            }
        )
        return
    print_proof(proven.proof, model)
    _print_footprint(proven.footprint)
    _print_parts(proven.generated)
    _print_patches(proven.generated)
    _print_library(proven.generated)
    if quality is not None:
        print_fields(_judged(quality))
    out().print(f"\nproven on {proven.input_kind} inputs; artifacts in {folder}", markup=False)


def _judged(quality: Metric | None) -> dict[str, str]:
    if quality is None:
        return {}
    judged = f"{quality.value:.4f} of the firmware on {quality.n_samples} test samples"
    return {str(quality.name): judged}


def _print_patches(generated: GeneratedCode) -> None:
    if generated.in_patches:
        first, last = generated.in_patches[0], generated.in_patches[-1]
        print_fields(
            {"in patches": f"{first} to {last}, {generated.extra_macs:+,} MACs per inference"}
        )


def _print_library(generated: GeneratedCode) -> None:
    if generated.library is not None:
        n_sources = len(generated.library.sources)
        print_fields({"calls": f"{generated.library.name}, {n_sources} of its sources"})


def _print_footprint(footprint: Footprint) -> None:
    print_fields(
        {
            "flash": f"{footprint.flash_bytes:,} B: weights {footprint.weights_bytes:,}, "
            f"code {footprint.code_bytes:,}",
            "SRAM": f"{footprint.sram_bytes:,} B: arena {footprint.arena_bytes:,}, "
            f"stack {footprint.stack_bytes:,}, static {footprint.static_bytes:,}",
        }
    )


def _print_parts(generated: GeneratedCode) -> None:
    """Where the arena lies, if it was planned for regions."""
    if generated.parts:
        told = ", ".join(f"{part.n_bytes:,} B in {part.room}" for part in generated.parts)
        gap = generated.arena_bytes - generated.lower_bound_bytes
        bound = f"lower bound {generated.lower_bound_bytes:,} B, {gap:,} B above it"
        print_fields({"arena": f"{told}; {bound}"})
