"""All C sources of one firmware: the model's, the start-up of its core and a harness."""

from __future__ import annotations

from enum import StrEnum

from fitgraph.compiler_bridge.firmware.files import c_file
from fitgraph.compiler_bridge.firmware.model_header import MODEL_HEADER, model_header
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.toolchain.protocol import LIBRARY


class Harness(StrEnum):
    """What calls the model.

    BARE waits for somebody outside to fill the arena; SEMIHOSTING reads and writes files of the
    machine that a debugger or an emulator runs on.
    """

    BARE = "bare"
    SEMIHOSTING = "semihosting"


def firmware_sources(
    generated: GeneratedCode, isa_class: str, harness: Harness = Harness.BARE
) -> dict[str, str]:
    """File name to text, in link order; headers among them, and what is not ours in a folder."""
    start = "start_riscv.c" if isa_class.startswith("rv32") else "start_cortex_m.c"
    ours = (start, "start.c", f"harness_{harness}.c", "memory_functions.c", "memory_map.h")
    return {
        **{name: c_file(name) for name in ours},
        MODEL_HEADER: model_header(generated),
        **generated.files,
        **library_sources(generated),
    }


def library_sources(generated: GeneratedCode) -> dict[str, str]:
    """Sources and headers of a library that the model calls, in the folder of those."""
    files = {} if generated.library is None else generated.library.files
    return {f"{LIBRARY}/{name}": text for name, text in files.items()}
