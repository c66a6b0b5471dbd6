"""What a package says of a build that was linked for a board and run in an emulator."""

from __future__ import annotations

import json
from dataclasses import replace

from fitgraph.compiler_bridge.artifacts import INPUTS, PROOF, proof_document
from fitgraph.compiler_bridge.packages.content import Content
from fitgraph.compiler_bridge.proof_record import library_facts
from fitgraph.compiler_bridge.prove import ProvenBuild
from fitgraph.registry.board import Board

# A package says nothing of when it was made, so that the same input gives the same bytes. What
# goes by the proof's digest, in the graph too, does not depend on its time.
NO_TIME = "1970-01-01T00:00:00+00:00"


def proven_content(build: ProvenBuild, board: Board, model_name: str) -> Content:
    """Sources with their proof."""
    timeless = replace(build, proof=replace(build.proof, created_at=NO_TIME))
    document = proof_document(timeless, board)
    documents = {PROOF: (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()}
    if build.input_bytes is not None:
        documents[INPUTS] = build.input_bytes
    return Content(
        generated=build.generated,
        model_name=model_name,
        model_sha256=build.proof.model_sha256,
        shown=_sentences(build, board),
        facts={
            "board": board.board_id,
            "isa_class": board.needed_isa_class(),
            "runtime": build.proof.runtime,
            "toolchain": build.proof.toolchain,
            **library_facts(build.generated.library),
        },
        documents=documents,
    )


def _sentences(build: ProvenBuild, board: Board) -> tuple[str, ...]:
    proof, taken = build.proof, build.footprint
    sets = "one set" if proof.n_inputs == 1 else f"{proof.n_inputs:,} sets"
    return (
        f"These sources were compiled for {proof.isa_class} with {proof.toolchain}, linked for",
        f"{board.name} and run in {proof.emulator} on {sets} of {build.input_kind} inputs: worst",
        f"difference {proof.worst_difference:g} to {proof.reference} over",
        f"{proof.n_outputs_compared:,} outputs. The model then takes {taken.flash_bytes:,} bytes",
        f"of flash and {taken.sram_bytes:,} of SRAM ({taken.stack_bytes:,} of it stack), and",
        f"{proof.instructions_per_inference:,} instructions an inference; another compiler",
        "gives other figures.",
        *_library(build),
    )


def _library(build: ProvenBuild) -> tuple[str, ...]:
    library = build.generated.library
    if library is None:
        return ()
    return (
        f"They call {library.name}, which is not in this package: take that version, put its",
        "`Include` on the include path and compile the sources with it that `manifest.json` names.",
    )
