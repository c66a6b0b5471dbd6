"""The runtimes of others, as their profiles in ``runtimes/`` describe them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fitgraph.registry.board_fields import Fields, read_fields
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.model_graph import DType
from fitgraph.registry.plain_yaml import Limits, Plain, read_plain_yaml
from fitgraph.registry.runtime import FootprintMethod, Maintenance, OperatorSupport, Runtime

_REQUIRED = (
    "name", "label", "release", "licence", "homepage", "maintenance", "footprint_method",
    "source", "isa_classes", "operators",
)  # fmt: skip
_OPTIONAL = ("unlisted_sets", "fallback", "npu", "converts_dtypes", "figures")
_LIMITS = Limits(max_depth=6, max_nodes=4000)
_UNKNOWN = "unknown"


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
        isa_classes=fields.texts("isa_classes"),
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
        claims=tuple(
            _figure(item, f"{source_name} figure {number}")
            for number, item in enumerate(fields.items("figures", hint="a list"), 1)
        ),
    )


def _optional(fields: Fields, key: str) -> str:
    return fields.text(key) if key in fields.values else ""


def _supports(item: Plain, place: str) -> tuple[OperatorSupport, ...]:
    """Operators of one group; element types that are not known stay empty."""
    group = read_fields(item, required=("set", "dtypes", "names"), optional=(), place=place)
    is_known = group.values["dtypes"] != _UNKNOWN
    dtypes = tuple(DType(dtype) for dtype in group.texts("dtypes")) if is_known else ()
    prefix = group.text("set")
    return tuple(OperatorSupport(f"{prefix}:{name}", dtypes) for name in group.texts("names"))


def _figure(item: Plain, place: str) -> Claim:
    figure = read_fields(item, required=("property", "value", "source"), optional=(), place=place)
    text = figure.text("value")
    value = float(text) if "." in text else int(text)
    source = figure.text("source")
    return Claim(figure.text("property"), value, ClaimStatus.SOURCED, (source,))
