"""Which toolchain compiles for an ISA class."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.toolchain.gcc import installed_gcc
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain


def _zig(isa_class: str) -> Toolchain | None:
    zig = ZigToolchain()
    return zig if zig.supports(isa_class) else None


# Default first.
_KINDS: Mapping[str, Callable[[str], Toolchain | None]] = {"zig": _zig, "gcc": installed_gcc}


def toolchain_for(isa_class: str, prefer: str | None = None) -> Toolchain:
    """The toolchain for an ISA class.

    Args:
        prefer: ``zig`` or ``gcc``; None asks the environment's ``FITGRAPH_TOOLCHAIN``, then
            takes the first that there is.

    Raises:
        ToolchainError: nothing compiles for the class, or the preferred kind does not.
    """
    wanted = prefer or os.environ.get("FITGRAPH_TOOLCHAIN") or None
    if wanted is not None and wanted not in _KINDS:
        raise ToolchainError(
            f"there is no toolchain {wanted!r}", hint=f"choose one of {', '.join(_KINDS)}"
        )
    for kind in [wanted] if wanted else list(_KINDS):
        found = _KINDS[kind](isa_class)
        if found is not None:
            return found
    raise ToolchainError(
        f"no {wanted or 'toolchain'} compiles for the ISA class {isa_class!r}",
        hint="Debian: gcc-arm-none-eabi for Cortex-M, gcc-riscv64-unknown-elf for RV32"
        if wanted == "gcc"
        else "Cortex-M and RV32 compile with zig; Xtensa and AVR do not yet",
    )
