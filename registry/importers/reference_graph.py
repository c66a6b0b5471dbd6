"""The graph of *How to Manage Tiny Machine Learning at Scale* and of its follow-up SeLoC-ML.

Their own triples are kept as they are but for blank nodes, one graph a resource of theirs; beside
them stand boards and model descriptions of ours, which say the same as claims.

Source: https://arxiv.org/abs/2202.09113.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.reference_graph_devices import DEVICE, boards_of, read_device
from fitgraph.registry.importers.reference_graph_files import (
    MAX_FILES,
    SUB_FOLDER,
    TurtleFile,
    read_turtle_files,
)
from fitgraph.registry.importers.reference_graph_graphs import as_stored, foreign_graphs
from fitgraph.registry.importers.reference_graph_networks import (
    NETWORK,
    descriptions_of,
    read_network,
)
from fitgraph.registry.importers.reference_graph_oddities import odd_files, odd_terms
from fitgraph.registry.importers.reference_graph_records import Finding, ReferenceGraph
from fitgraph.registry.importers.reference_graph_terms import SOURCES, Described, edition
from fitgraph.registry.model_file import ModelFile, model_file

#: Where the model files lie, named after the models.
MODELS_FOLDER: Final = "models"
MODEL_SUFFIX: Final = ".tflite"


def read_reference_graph(
    folder: Path, progress: Callable[[int, int], None] = lambda *_: None
) -> ReferenceGraph:
    """The whole reference graph; nothing is written, and the model files are only hashed.

    Args:
        folder: as published: Turtle files, ``seloc`` and ``models`` beside them if they are there.
        progress: told how many of how many Turtle files are done.

    Raises:
        InvalidImportError: it is no such folder, or something in it cannot be taken.
        InvalidModelError: a model file is no regular file of a possible size.
    """
    files = read_turtle_files(folder, progress)
    devices, networks = [], []
    for file in files:
        described = Described(file.triples)
        devices += [read_device(described, i, _source(i, file)) for i in _ours(described, DEVICE)]
        networks += [
            read_network(described, i, _source(i, file)) for i in _ours(described, NETWORK)
        ]
    _check_whole(folder, len(devices), len(networks))
    model_files = _model_files(folder)
    boards, odd_devices = boards_of(devices)
    descriptions, odd_networks = descriptions_of(
        networks, {name: file.sha256 for name, file in model_files.items()}
    )
    findings = {*odd_devices, *odd_networks, *odd_terms(files)}
    return ReferenceGraph(
        graphs=as_stored(foreign_graphs(files)),
        boards=boards,
        descriptions=descriptions,
        model_files=tuple(model_files.values()),
        findings=tuple(sorted({*findings, *odd_files(descriptions, model_files)})),
        skipped=tuple(sorted(_skipped(folder))),
        origin=str(folder.resolve()),
    )


def _ours(described: Described, class_name: str) -> list[str]:
    """Individuals that are named; the schemas speak of the classes in restrictions."""
    return [iri for iri in described.instances(class_name) if not iri.startswith("_:")]


def _source(iri: str, file: TurtleFile) -> str:
    origin = SOURCES.get(edition(iri), "unknown")
    return f"{origin}, {PurePosixPath(file.name).name}"


def _check_whole(folder: Path, n_devices: int, n_networks: int) -> None:
    """Refuses half a graph: questions about the other half would be answered wrongly."""
    for count, what in (
        (n_devices, "device (s3n:SmartSensor)"),
        (n_networks, "network (nnet:NeuralNetwork)"),
    ):
        if not count:
            raise InvalidImportError(
                f"no Turtle file in {folder} describes a {what}",
                hint="name the whole folder as it comes from its source; "
                "a file may be missing from it",
            )


def _model_files(folder: Path) -> dict[str, ModelFile]:
    paths = sorted((folder / MODELS_FOLDER).glob(f"*{MODEL_SUFFIX}"))
    if len(paths) > MAX_FILES:
        raise InvalidImportError(
            f"{folder / MODELS_FOLDER} holds {len(paths)} models, at most {MAX_FILES} are read"
        )
    return {file.name: file for file in map(model_file, paths)}


def _skipped(folder: Path) -> Iterator[Finding]:
    for path in sorted({*folder.glob("*"), *(folder / SUB_FOLDER).glob("*")}):
        if path.is_file() and path.suffix != ".ttl":
            yield Finding(path.relative_to(folder).as_posix(), "is not Turtle")
    for path in sorted((folder / MODELS_FOLDER).glob("*")):
        if path.suffix != MODEL_SUFFIX:
            yield Finding(path.relative_to(folder).as_posix(), f"is not named {MODEL_SUFFIX}")
