"""Pieces of C: names, literals, arrays, parameter structs."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.program import Array, Blocks

C_TYPES: Mapping[str, str] = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "bool": "uint8_t",
    "float32": "float",
    "record": "fg_channel",
}
LINE_WIDTH = 100
INFINITY = "FG_INFINITY"  # what masks add to scores, which C99 has no literal for
INFINITY_MACRO = """\
#if defined(__GNUC__)
#define FG_INFINITY __builtin_inff()
#else
#define FG_INFINITY (1e38f * 10.0f)
#endif

"""


INT32 = np.iinfo(np.int32)
# Longer names make file names that file systems refuse, and lines that nobody reads.
LONGEST_IDENTIFIER = 48
# C99 asks of no compiler that it take more than 4095 characters; an octal escape is four.
LONGEST_STRING = 1000


def c_identifier(text: str) -> str:
    """A valid, readable C identifier for any name."""
    cleaned = re.sub(r"[^0-9a-zA-Z]+", "_", text).strip("_").lower()[:LONGEST_IDENTIFIER]
    cleaned = cleaned.strip("_")
    if not cleaned:
        cleaned = "model"
    return cleaned if cleaned[0].isalpha() else f"m_{cleaned}"


def is_c_identifier(text: str) -> bool:
    """Whether the text can stand in C as a name."""
    return re.fullmatch(r"[a-zA-Z][0-9a-zA-Z_]*", text) is not None


def c_comment(text: str) -> str:
    """Text that can end neither a comment nor a line."""
    printable = "".join(c if c.isprintable() else "?" for c in text).replace("\\", "/")
    # "??/" at the end of a line is a backslash in C99.
    return re.sub(r"[*]+/", "* /", printable).replace("/*", "/ *").replace("??", "? ")


def c_string(text: str) -> str:
    """A string literal of the text in UTF-8, in octal what is not plain; very long text is cut."""
    encoded = text.encode("utf-8", "replace")[:LONGEST_STRING]
    plain = (chr(b) if chr(b) in _PLAIN else f"\\{b:03o}" for b in encoded)
    return f'"{"".join(plain)}"'


_PLAIN = frozenset(string.ascii_letters + string.digits + " !#$%&'()*+,-./:;<=>@[]^_`{|}~")


def c_float(value: float) -> str:
    """A float32 literal that reads back exactly (nine significant digits)."""
    single = float(np.float32(value))
    if not math.isfinite(single):
        raise ValueError(f"{value} has no C literal")
    text = f"{single:.9g}"
    return f"{text}f" if re.search(r"[.e]", text) else f"{text}.0f"


def c_number(value: float) -> str:
    """An integer or float32 literal."""
    if isinstance(value, bool | int | np.integer):
        number = int(value)
        if not INT32.min <= number <= INT32.max:
            raise ValueError(f"{number} does not fit the 32 bits that C kernels count in")
        return "(-2147483647 - 1)" if number == -(2**31) else str(number)
    return c_float(float(value))


def c_array(name: str, content: Array | Blocks, qualifiers: str) -> str:
    """A constant array definition, wrapped at 100 columns."""
    parts = content.parts if isinstance(content, Blocks) else (content.reshape(-1),)
    flat = content.flat if isinstance(content, Blocks) else parts[0]
    lines = [line for part in parts for line in _lines(part)] or ["    0,"]
    if isinstance(content, Blocks) and content.vectors is not None:
        lines = ["#if FG_MVE", *_lines(content.vectors), "#else", *lines, "#endif"]
    ctype = C_TYPES["record" if flat.dtype.names else flat.dtype.name]
    body = "\n".join(lines)
    return f"{qualifiers} {ctype} {name}[{max(1, flat.size)}] = {{\n{body}\n}};\n"


def _lines(part: Array) -> Iterator[str]:
    """Elements in a row, or of two axes each row in a macro."""
    if part.ndim > 1:
        yield from (f"    FG_BLOCK({', '.join(map(c_number, row))})," for row in part.tolist())
        return
    line = "   "
    for number in map(_element, part.tolist()):
        if len(line) + len(number) + 2 > LINE_WIDTH:
            yield line
            line = "   "
        line += f" {number},"
    if part.size:
        yield line


def _element(value: Any) -> str:  # noqa: ANN401 - a number, or a tuple of them
    if isinstance(value, float) and math.isinf(value):
        return INFINITY if value > 0 else f"-{INFINITY}"
    if isinstance(value, tuple):
        return "{" + ", ".join(c_number(x) for x in value) + "}"
    return c_number(value)


def c_struct(fields: Mapping[str, Any], indent: str = "    ") -> str:
    """A brace initialiser with designated members; strings are taken as expressions."""
    lines = [f"{indent}.{key} = {_member(value, indent)}," for key, value in fields.items()]
    return "{\n" + "\n".join(lines) + f"\n{indent[:-4]}}}"


def _member(value: Any, indent: str) -> str:  # noqa: ANN401 - any field of a kernel
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return c_struct(value, indent + "    ")
    if isinstance(value, tuple):
        return "{" + ", ".join(c_number(x) for x in value) + "}"
    return c_number(value)
