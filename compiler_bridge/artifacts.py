"""Writes what a build delivers into a folder: sources, firmware, proof, manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fitgraph.compiler_bridge.deliver import MANIFEST, require_free, write_folder
from fitgraph.compiler_bridge.firmware.sources import firmware_sources, library_sources
from fitgraph.compiler_bridge.proof_record import library_facts
from fitgraph.compiler_bridge.prove import ProvenBuild
from fitgraph.registry.board import Board
from fitgraph.registry.iris import board_iri, footprint_iri, proof_iri
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.footprint import footprint_to_triples
from fitgraph.registry.triples.json_ld import to_json_ld
from fitgraph.registry.triples.proof import proof_to_triples

PROOF, FIRMWARE = "proof.json", "firmware.elf"
# All inputs that were given, set after set, as they lay in memory.
INPUTS = "inputs.bin"


def write_artifacts(build: ProvenBuild, board: Board, folder: Path) -> Path:
    """Writes a folder whole or not at all; one that an earlier build wrote is replaced.

    ``model/`` holds the C that a project takes, ``firmware/`` what else the ELF file was made
    of, but for a library that is not ours. ``manifest.json`` lists every file with its SHA-256.

    Raises:
        ConflictError: the folder holds something else.
        StorageError: it cannot be written.
    """
    require_free(folder)
    return write_folder(folder, artifact_files(build, board))


def proof_document(build: ProvenBuild, board: Board) -> dict[str, Any]:
    """The proof as JSON-LD, with the footprint, and with the board that it was linked for."""
    return to_json_ld(
        {
            proof_iri(build.proof): proof_to_triples(build.proof),
            footprint_iri(build.footprint): footprint_to_triples(build.footprint),
            board_iri(board.board_id): board_to_triples(board),
        }
    )


def artifact_files(build: ProvenBuild, board: Board) -> dict[str, bytes]:
    """Path inside the delivered folder to bytes; see ``write_artifacts``."""
    generated = build.generated
    sources = firmware_sources(generated, board.needed_isa_class())
    files = {f"model/{name}": text.encode() for name, text in generated.files.items()}
    files |= {
        f"firmware/{name}": text.encode()
        for name, text in sources.items()
        if name not in {**generated.files, **library_sources(generated)}
    }
    files["firmware/board.ld"] = build.firmware.linker_script.encode()
    files[FIRMWARE] = build.firmware.elf
    if build.input_bytes is not None:
        files[INPUTS] = build.input_bytes
    files[PROOF] = _json(proof_document(build, board))
    files[MANIFEST] = _json(_manifest(build, board, files))
    return files


def _manifest(build: ProvenBuild, board: Board, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "model_sha256": build.proof.model_sha256,
        "board": board.board_id,
        "isa_class": board.needed_isa_class(),
        "runtime": build.proof.runtime,
        "toolchain": build.proof.toolchain,
        "arena_lower_bound_bytes": build.generated.lower_bound_bytes,
        **library_facts(build.generated.library),
        **_arena_parts(build),
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
    }


def _arena_parts(build: ProvenBuild) -> dict[str, Any]:
    """Symbols of an arena in parts with their bytes, and the regions that they were planned for."""
    generated = build.generated
    if not generated.part_sizes:
        return {}
    parts = zip(generated.arenas, generated.parts, strict=True)
    return {
        "arena_parts": {name: {"region": part.room, "bytes": part.n_bytes} for name, part in parts}
    }


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
