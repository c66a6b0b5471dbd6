"""Reads the reference graph's folder with the model files that lie in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from fitgraph.registry.errors import InvalidModelError

if TYPE_CHECKING:
    from pathlib import Path

    from fitgraph.api.output import Step
    from fitgraph.registry.catalogue_reference_graph import ReadModel
    from fitgraph.registry.importers.reference_graph_records import ReferenceGraph
    from fitgraph.registry.model_file import ModelFile


def read_reference_kg(folder: Path, step: Step) -> tuple[ReferenceGraph, tuple[ReadModel, ...]]:
    """What a folder says, its descriptions matched with the models that lie beside them.

    Raises:
        InvalidRecordError: a file is no Turtle or says what cannot be.
        InvalidModelError: a file is no model, or changed since it was hashed.
    """
    from fitgraph.registry.importers.reference_graph import read_reference_graph
    from fitgraph.registry.importers.reference_graph_matching import match_by_content

    found = read_reference_graph(
        folder, lambda done, total: step("reading Turtle", done=done, total=total)
    )
    models = read_models(found.model_files, step)
    return match_by_content(found, {one.graph.sha256: one.graph for one in models}), models


def read_models(files: Iterable[ModelFile], step: Step) -> tuple[ReadModel, ...]:
    """Each file with its facts, in the order given, each read in a guarded process of its own.

    Raises:
        InvalidModelError: a file is no model, or changed since it was hashed.
    """
    files = tuple(files)
    read: list[ReadModel] = []
    # Each file is read by a process of its own, which the thread only waits for.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, model in enumerate(pool.map(_read, files), start=1):
            step(f"reading {model.name}", done=done, total=len(files))
            read.append(model)
    return tuple(read)


def _read(file: ModelFile) -> ReadModel:
    from fitgraph.api.model_files import check_name
    from fitgraph.registry.catalogue_reference_graph import ReadModel
    from fitgraph.registry.facts import model_facts
    from fitgraph.registry.read_model import read_model_safely

    graph = read_model_safely(file.path)
    if graph.sha256 != file.sha256:
        raise InvalidModelError(f"{file.path} changed while it was read", hint="import it again")
    return ReadModel(check_name(file.name), graph, model_facts(graph), file.path)
