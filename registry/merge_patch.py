"""JSON merge patches (RFC 7396): applying one, and making the one between two documents."""

from __future__ import annotations

from collections.abc import Mapping

from fitgraph.registry.thing_json import Json


def patched(target: Json, patch: Json) -> Json:
    """The document after a patch (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    said = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            said.pop(name, None)
        else:
            said[name] = patched(said.get(name), value)
    return said


def patch_between(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """The patch that makes the new document of the old one."""
    patch: dict[str, Json] = {name: None for name in old if name not in new}
    for name, value in new.items():
        before = old.get(name)
        if name in old and _same(before, value):
            continue
        is_inside = isinstance(before, dict) and isinstance(value, dict)
        patch[name] = patch_between(before, value) if is_inside else value  # type: ignore[arg-type]
    return patch


def _same(one: Json, other: Json) -> bool:
    """Equal, and of the same type: ``1`` is not ``true``."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other
