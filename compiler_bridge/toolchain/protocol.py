"""What every toolchain can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

# Folder of sources that are not ours; its headers are found as a system's are, without warnings.
LIBRARY = "library"

# The kernels' inner loops are written out by hand; over the reference networks -O2 makes the code
# twice as large and no faster (`make bench` prints both).
DEFAULT_OPTIMISATION = "-Os"


@dataclass(frozen=True, slots=True)
class Objects:
    """Compiled sources of one ISA class.

    Attributes:
        isa_class: a key of ``ISA_CLASSES``.
        files: object file name to its bytes, in link order.
        optimisation: the compiler's flag: ``-Os``.
    """

    isa_class: str
    files: Mapping[str, bytes]
    optimisation: str = DEFAULT_OPTIMISATION


class Toolchain(Protocol):
    """Compiles C for an ISA class and links it."""

    @property
    def identity(self) -> str:
        """Name and version, as written into footprints and proofs."""

    @property
    def digest(self) -> str:
        """SHA-256 of the compiler's executable."""

    def supports(self, isa_class: str) -> bool:
        """Whether it has flags for the ISA class."""

    def compile(
        self,
        sources: Mapping[str, str],
        isa_class: str,
        *,
        defines: Mapping[str, str] | None = None,
        optimisation: str = DEFAULT_OPTIMISATION,
        warnings_are_errors: bool = False,
        line_tables: bool = False,
    ) -> Objects:
        """Object files of all sources whose name ends in ``.c``.

        Args:
            sources: file name to text; names without folder, headers among them.
            defines: macro name to value.
            line_tables: whether the objects say which line each instruction comes from.

        Raises:
            ToolchainError: the compiler is absent, does not know the ISA class or found an error.
        """

    def link(self, objects: Objects, linker_script: str) -> bytes:
        """An ELF file laid out as the linker script says.

        Raises:
            RegionOverflowError: a memory region of the script is too small.
            ToolchainError: any other failure.
        """
