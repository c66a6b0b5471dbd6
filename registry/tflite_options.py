"""A TFLite operator's builtin options become attributes under their schema names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.flatbuffer import Table
from fitgraph.registry.tflite_schema import ENUMERATIONS, OPTIONS_FIELDS, OPTIONS_NAMES

_INTEGER_CODES = {"i32": "i", "u32": "I", "i64": "q"}


def read_options(options_type: int, options: Table | None) -> dict[str, Any]:
    """Attributes of one options table: plain ints, floats, bools, strings, tuples.

    Enumerations become their names. A kind of options that the schema here does not know
    gives no attributes: whether the operator is supported is for others to judge.

    Raises:
        InvalidModelError: an enumeration's value has no name.
    """
    kind = OPTIONS_NAMES.get(options_type, "")
    if options is None:
        return {}
    return {name: read(options) for name, read in _READERS.get(kind, {}).items()}


def _reader(field_id: int, kind: str, default: int, name: str) -> Callable[[Table], Any]:
    """A function that reads one field of an options table."""
    if kind in _INTEGER_CODES:
        code = _INTEGER_CODES[kind]
        return lambda table: table.integer(field_id, code, default)
    if kind == "f32":
        return lambda table: table.real(field_id, float(default))
    if kind == "bool":
        return lambda table: table.integer(field_id, "B", default) != 0
    if kind == "str":
        return lambda table: table.string(field_id)
    if kind in ("i32s", "f32s"):
        dtype = "<i4" if kind == "i32s" else "<f4"
        return lambda table: tuple(table.numbers(field_id, dtype).tolist())
    names = ENUMERATIONS[kind]
    return lambda table: _name_of(table.integer(field_id, "b", default), names, name)


def _name_of(value: int, names: Mapping[int, str], field: str) -> str:
    if value not in names:
        raise InvalidModelError(
            f"an operator's {field} is {value}, which the TFLite schema does not name",
            hint="The file is damaged, or newer than the installed `tflite` package: update it.",
        )
    return names[value]


def _parse(fields: str) -> dict[str, Callable[[Table], Any]]:
    """Readers by field name from one line of ``OPTIONS_FIELDS``."""
    readers = {}
    for field_id, text in enumerate(fields.split()):
        if text == "_":
            continue
        name, _, rest = text.partition(":")
        kind, _, default = rest.partition("=")
        readers[name] = _reader(field_id, kind, int(default or 0), name)
    return readers


_READERS = {kind: _parse(fields) for kind, fields in OPTIONS_FIELDS.items()}
