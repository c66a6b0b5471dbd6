"""The runtimes of others, as their profiles in ``runtimes/`` describe them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from fitgraph.registry.board_fields import Fields, read_fields
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidBoardError
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.model_graph import DType
from fitgraph.registry.plain_yaml import Limits, Plain, read_plain_yaml
from fitgraph.registry.runtime import FootprintMethod, Maintenance, OperatorSupport, Runtime

_REQUIRED = (
    "name", "label", "release", "licence", "homepage", "maintenance", "footprint_method",
    "source", "isa_classes", "operators", "sources",
)  # fmt: skip
_OPTIONAL = ("unlisted_sets", "fallback", "npu", "converts_dtypes", "figures")
_LIMITS = Limits(max_depth=6, max_nodes=4000)
_UNKNOWN = "unknown"

#: Keys whose source is told beside them, and the property that each is a claim about.
_SOURCED = {
    "licence": "license",
    "isa_classes": "runsOn",
    "footprint_method": "footprintMethod",
    "maintenance": "maintenance",
}


@cache
def runtime_profiles() -> tuple[Runtime, ...]:
    """All profiles by name; one that others fall back to comes before them."""
    folder = files("fitgraph.registry").joinpath("runtimes")
    found = [
        parse_profile(entry.read_text(encoding="utf-8"), entry.name)
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    ]
    return tuple(sorted(found, key=lambda runtime: (bool(runtime.fallback), runtime.name)))


def parse_profile(text: str, source_name: str) -> Runtime:
    """The runtime that a profile describes.

    Raises:
        InvalidBoardError: a key is missing, unknown or does not read.
        PlainYamlError: it is not YAML of the plain kind.
    """
    fields = read_fields(
        read_plain_yaml(text, _LIMITS), required=_REQUIRED, optional=_OPTIONAL, place=source_name
    )
    return Runtime(
        name=fields.text("name"),
        label=fields.text("label"),
        operators=tuple(
            support
            for number, item in enumerate(fields.items("operators", hint="a list of groups"), 1)
            for support in _supports(item, f"{source_name} group {number}")
        ),
        isa_classes=_known_texts(fields, "isa_classes"),
        # No footprint is in the graph before somebody measures or declares one.
        footprint_from=Evidence.MISSING,
        source=fields.text("source"),
        licence=fields.text("licence"),
        release=fields.text("release"),
        homepage=fields.text("homepage"),
        maintenance=fields.parsed("maintenance", Maintenance, hint="maintained or frozen"),
        footprint_method=fields.parsed("footprint_method", FootprintMethod, hint="or unknown"),
        fallback=_optional(fields, "fallback"),
        unlisted_sets=fields.texts("unlisted_sets"),
        is_converting=_optional(fields, "converts_dtypes") == "true",
        npu=_optional(fields, "npu"),
        claims=(
            *_sourced(fields, source_name),
            *(
                _figure(item, f"{source_name} figure {number}")
                for number, item in enumerate(fields.items("figures", hint="a list"), 1)
            ),
        ),
    )


def _optional(fields: Fields, key: str) -> str:
    return fields.text(key) if key in fields.values else ""


def _known_texts(fields: Fields, key: str) -> tuple[str, ...]:
    """A list, or nothing where the profile says that it is unknown."""
    return () if fields.values[key] == _UNKNOWN else fields.texts(key)


def _sourced(fields: Fields, source_name: str) -> Iterator[Claim]:
    """What each fact rests on.

    Raises:
        InvalidBoardError: a fact is known and its source is not, or the other way round.
    """
    sources = read_fields(
        fields.values["sources"],
        required=tuple(_SOURCED),
        optional=(),
        place=f"{source_name} sources",
    )
    for key, property_name in _SOURCED.items():
        is_known = fields.values[key] != _UNKNOWN
        source = sources.text(key)
        if is_known != (source != _UNKNOWN):
            raise InvalidBoardError(
                f"{sources.key(key)} is {source!r}, but {key} is "
                f"{'known' if is_known else 'unknown'}",
                hint="a fact has a source; what is not known has none: both are `unknown`",
            )
        if is_known:
            value = fields.values[key]
            text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield Claim(property_name, text, ClaimStatus.SOURCED, (source,))


def _supports(item: Plain, place: str) -> tuple[OperatorSupport, ...]:
    """Operators of one group; element types that are not known stay empty."""
    group = read_fields(
        item, required=("set", "dtypes", "names"), optional=("refuse_hybrid",), place=place
    )
    refusing = set(group.texts("refuse_hybrid"))
    dtypes = tuple(DType(dtype) for dtype in _known_texts(group, "dtypes"))
    prefix = group.text("set")
    return tuple(
        OperatorSupport(f"{prefix}:{name}", dtypes, refuses_hybrid=name in refusing)
        for name in group.texts("names")
    )


def _figure(item: Plain, place: str) -> Claim:
    figure = read_fields(item, required=("property", "value", "source"), optional=(), place=place)
    text = figure.text("value")
    value = float(text) if "." in text else int(text)
    source = figure.text("source")
    return Claim(figure.text("property"), value, ClaimStatus.SOURCED, (source,))
