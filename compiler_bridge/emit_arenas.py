"""How generated C declares its arena, or its arenas, and names a place in them."""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.generated import arena_names
from fitgraph.compiler_bridge.memory_plan import MemoryPlan, part_at

_ONE = """\
#if {macro}_CALLER_ARENA
#define FG_AT(offset) ((void *)((uint8_t *)arena + (offset)))
#else
FG_ARENA uint8_t {prefix}_arena[{macro}_ARENA_BYTES];

#define FG_AT(offset) ((void *)({prefix}_arena + (offset)))
#endif
"""

# A build may give each arena a section of its own name, for a linker script that is not ours.
_SECTION = """\
#ifndef {macro}_ARENA_{number}_SECTION
#define {macro}_ARENA_{number}_SECTION ".bss.fitgraph_arena.{number}"
#endif
"""


class Arenas:
    """One arena, or several of them, in C.

    Args:
        plan: whose offsets are told.
        prefix: of all public names.
    """

    def __init__(self, plan: MemoryPlan, prefix: str) -> None:
        self._parts = plan.parts if len(plan.parts) > 1 else ()
        self._prefix, self._macro = prefix, prefix.upper()

    @property
    def attributes(self) -> dict[str, str]:
        """Of ``FG_ARENA``, that lays a byte array into its section: arguments and section."""
        if self._parts:
            return {"arena_arguments": "(name)", "arena_section": "name"}
        return {"arena_arguments": "", "arena_section": '".bss.fitgraph_arena"'}

    @property
    def parameters(self) -> str:
        """Of a call in arenas that are given."""
        return ", ".join(f"void *{name}" for name in arena_names(len(self._parts)))

    @property
    def definitions(self) -> str:
        """The arrays, unless callers bring them, and what gives a place in them."""
        if not self._parts:
            return _ONE.format(prefix=self._prefix, macro=self._macro)
        numbers = range(len(self._parts))
        given = [_at(n, f"(uint8_t *)arena_{n}") for n in numbers]
        own = [
            f"FG_ARENA({self._macro}_ARENA_{n}_SECTION)\n"
            f"uint8_t {self._prefix}_arena_{n}[{self._macro}_ARENA_{n}_BYTES];\n"
            for n in numbers
        ]
        sections = [_SECTION.format(macro=self._macro, number=n) for n in numbers]
        named = [_at(n, f"{self._prefix}_arena_{n}") for n in numbers]
        return (
            f"#if {self._macro}_CALLER_ARENA\n{''.join(given)}#else\n{''.join(sections)}\n"
            f"{''.join(own)}\n{''.join(named)}#endif\n"
        )

    def at(self, offset: int) -> str:
        """The expression that gives a place."""
        if not self._parts:
            return f"FG_AT({offset})"
        number, local = part_at(self._parts, offset)
        return f"FG_AT_{number}({local})"

    def unused_in(self, statements: Sequence[str]) -> list[str]:
        """Statements that name those arenas of which the others name nothing."""
        names = [f"FG_AT_{n}" for n in range(len(self._parts))] or ["FG_AT"]
        if not self._parts and statements:
            return []
        told = "".join(statements)
        return [f"(void){name}(0);" for name in names if f"{name}(" not in told]


def _at(number: int, start: str) -> str:
    return f"#define FG_AT_{number}(offset) ((void *)({start} + (offset)))\n"
