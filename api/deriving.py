"""What the commands that derive a model from another share: where it is read, how it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgraph.api.session import reading, writing
from fitgraph.api.temporary_model import model_as_file

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from fitgraph.registry.variant import Variant


@dataclass(frozen=True, slots=True)
class Derivation:
    """A model and the variant that is made of it.

    Attributes:
        source_name: of the model.
        name: of the variant.
        source: the model's file, in a folder that lasts until the command ends.
        target: where the variant's file is to be written.
    """

    source_name: str
    name: str
    source: Path
    target: Path


@contextmanager
def deriving(
    context: typer.Context, model: str, name: str | None, suffix: str
) -> Iterator[Derivation]:
    """The registry's model as a file beside the place of its variant.

    Args:
        name: of the variant; None for the model's name and the suffix.

    Raises:
        NotFoundError: there is no such model.
        InvalidRecordError: no model can have that name.
    """
    from fitgraph.api.model_files import check_name

    with reading(context) as registry:
        record = registry.get_model(model)
        content = registry.model_bytes(record.sha256)
    source_name = model if model in record.names else record.names[0]
    called = check_name(f"{source_name}{suffix}" if name is None else name)
    with model_as_file(content, source_name) as source:
        yield Derivation(source_name, called, source, source.with_name("variant.onnx"))


def store_variant(context: typer.Context, path: Path, name: str, variant: Variant) -> bool:
    """Adds a variant with its lineage, both or neither. Returns whether the model is new.

    Raises:
        RegistryError: one of them cannot be added.
    """
    from fitgraph.api.model_files import read_whole
    from fitgraph.api.quantizing import keep_variant

    graph, content = read_whole(path)
    with writing(context) as registry:
        return keep_variant(registry, graph, content, name, variant)
