"""Operators by an older version, for an interpreter that does not list the newest.

An interpreter looks a kernel up by name and version. LiteRT's list of reference kernels lags behind
its converter: the kernel is there, and takes what the newer version allows.
"""

from __future__ import annotations

from collections.abc import Mapping

from fitgraph.registry.flatbuffer import FlatBuffer
from fitgraph.registry.tflite_schema import ModelField, OperatorCodeField

_CODE_BYTES = 4
# Builtin codes with the newest version listed (tensorflow/lite/core/kernels/register_ref.cc)
# and that the kernel goes beyond.
_TILE = 69
NEWEST_LISTED: Mapping[int, int] = {_TILE: 1}


def as_listed(model: bytes) -> bytes:
    """The TFLite file with versions that the interpreter finds.

    Args:
        model: that was read before.
    """
    changed = bytearray(model)
    for code in FlatBuffer(model).root().tables(ModelField.OPERATOR_CODES):
        newest = NEWEST_LISTED.get(code.integer(OperatorCodeField.BUILTIN_CODE, "i"))
        place = code.place(OperatorCodeField.VERSION, _CODE_BYTES)
        if newest is not None and place is not None:
            changed[place : place + _CODE_BYTES] = newest.to_bytes(_CODE_BYTES, "little")
    return bytes(changed)
