"""What a generated header says of the model's arena, or of its arenas."""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.c_text import c_comment
from fitgraph.compiler_bridge.generated import arena_names
from fitgraph.compiler_bridge.memory_plan import ArenaPart

_ONE = """\
 * Memory and threads. The arena is all that the model writes to besides the stack; everything else
 * is constant. Nothing is allocated, no interrupt is masked.
 *
 * - As it is, the model owns its arena: {prefix}_arena and {prefix}_invoke(). One caller at a time:
 *   threads take a lock before they write the inputs and keep it until they have read the outputs,
 *   and no interrupt may call the model while another call is under way.
 * - With {macro}_CALLER_ARENA defined as 1, for {prefix}.c and for all that include this file, the
 *   callers own the arenas: {prefix}_invoke_in(arena) works in the one that it is given and nowhere
 *   else. Threads with an arena each may call it at the same time. An arena has
 *   {macro}_ARENA_BYTES bytes, begins at a multiple of {macro}_ARENA_ALIGNMENT, and is left alone
 *   {kept}."""

_SEVERAL = """\
 * Memory and threads. The arenas are all that the model writes to besides the stack; everything
 * else is constant. Nothing is allocated, no interrupt is masked.
 *
{planned}
 *
 * - As it is, the model owns its arenas, each in a section that a linker script may place:
 *   .bss.fitgraph_arena.0 and so on, or what {macro}_ARENA_0_SECTION and so on are defined as for
 *   {prefix}.c. It is called by {prefix}_invoke(). One caller at a time: threads take a lock before
 *   they write the inputs and keep it until they have read the outputs, and no interrupt may call
 *   the model while another call is under way.
 * - With {macro}_CALLER_ARENA defined as 1, for {prefix}.c and for all that include this file, the
 *   callers own the arenas: {prefix}_invoke_in({names}) works in those that it is
 *   given and nowhere else. Threads with arenas of their own may call it at the same time. Each has
 *   as many bytes as is defined below, begins at a multiple of {macro}_ARENA_ALIGNMENT, and is left
 *   alone {kept}."""


def memory_comment(prefix: str, parts: Sequence[ArenaPart], kept: str) -> str:
    """Who owns the memory, and who may call when.

    Args:
        kept: how long an arena has to be left alone.
    """
    names = {"prefix": prefix, "macro": prefix.upper(), "kept": kept}
    if len(parts) < 2:
        return _ONE.format(**names)
    planned = "\n".join(
        f" * {prefix}_arena_{number}: {part.n_bytes} bytes, planned for {c_comment(part.room)}"
        for number, part in enumerate(parts)
    )
    return _SEVERAL.format(**names, planned=planned, names=", ".join(arena_names(len(parts))))


def sizes(prefix: str, parts: Sequence[ArenaPart]) -> str:
    """Definitions of the arenas' sizes, behind the size of all; each begins a line."""
    if len(parts) < 2:
        return ""
    macro = prefix.upper()
    told = [f"\n#define {macro}_N_ARENAS {len(parts)}"]
    told += [f"\n#define {macro}_ARENA_{n}_BYTES {part.n_bytes}" for n, part in enumerate(parts)]
    return "".join(told)


def declarations(prefix: str, parts: Sequence[ArenaPart]) -> str:
    """The arrays that the model owns."""
    return "\n".join(
        f"extern uint8_t {prefix}_{name}[{prefix.upper()}_{name.upper()}_BYTES];"
        for name in arena_names(len(parts))
    )
