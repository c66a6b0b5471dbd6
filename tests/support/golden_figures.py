"""What firmware of real models took when it was last looked at: one line a model and ISA class.

The file begins with the versions of the tools that gave the figures; other versions may rightly
give others. QEMU counts for the class that unicorn lacks. A model is known by its digest, too: a
figure of another file is no golden one.
"""

from __future__ import annotations

import csv
import fcntl
import io
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from importlib.metadata import version
from pathlib import Path

from fitgraph.compiler_bridge.build import build_for_class, footprint_of
from fitgraph.compiler_bridge.emulators.qemu_emulator import QemuEmulator, qemu_is_installed
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain

PATH = Path(__file__).resolve().parents[1] / "goldens" / "firmware.csv"
# Cortex-M0, M4F, M7, M33; RISC-V; Cortex-M55.
UNICORN, QEMU = "unicorn", "qemu-system-arm"
HELIUM = "armv8.1-m.main+mve"
CLASSES = {
    UNICORN: ("armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp", "rv32imc"),
    QEMU: (HELIUM,),
}
_VERSIONS = "# "

Versions = Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Figures:
    """One line.

    Attributes:
        sha256: the first digits of the model file's.
        instructions: of the first inference, on inputs from a fixed seed.
        code_bytes: all flash but weights and their tables.
    """

    model: str
    sha256: str
    isa_class: str
    instructions: int
    code_bytes: int
    sram_bytes: int
    stack_bytes: int


def installed_versions() -> Versions:
    """Of the compiler and of the emulators that are here."""
    tools = {tool: version(tool) for tool in ("ziglang", UNICORN)}
    return {**tools, QEMU: QemuEmulator().identity.split()[-1]} if qemu_is_installed() else tools


def measured(
    model: str, sha256: str, generated: GeneratedCode, emulator: str
) -> tuple[Figures, ...]:
    """The figures of today, class by class of those that an emulator runs."""
    return tuple(_measured(model, sha256, generated, isa_class) for isa_class in CLASSES[emulator])


def _measured(model: str, sha256: str, generated: GeneratedCode, isa_class: str) -> Figures:
    build = build_for_class(generated, isa_class, ZigToolchain())
    assert build.run is not None
    footprint = footprint_of(build, sha256, RUNTIME_NAME)
    return Figures(
        model=model,
        sha256=sha256[:12],
        isa_class=isa_class,
        instructions=build.run.instructions_per_inference,
        code_bytes=footprint.code_bytes,
        sram_bytes=footprint.sram_bytes,
        stack_bytes=footprint.stack_bytes,
    )


def read_goldens() -> tuple[Versions, tuple[Figures, ...]]:
    """Versions and lines of the file; nothing where there is none yet."""
    if not PATH.is_file():
        return {}, ()
    lines = PATH.read_text(encoding="utf-8").splitlines()
    head = [line.removeprefix(_VERSIONS) for line in lines if line.startswith(_VERSIONS)]
    versions = dict(line.split(" ", 1) for line in head)
    rows = csv.DictReader(line for line in lines if not line.startswith(_VERSIONS))
    return versions, tuple(map(_from_row, rows))


def write_goldens(versions: Versions, fresh: Iterable[Figures]) -> None:
    """Puts fresh lines in place of those of the same model and class, with versions on top.

    Test processes side by side take turns.
    """
    with Path(tempfile.gettempdir(), "fitgraph-goldens.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _write_goldens(versions, fresh)


def _write_goldens(versions: Versions, fresh: Iterable[Figures]) -> None:
    added = list(fresh)
    known_versions, known = read_goldens()
    measured_anew = {(one.model, one.isa_class) for one in added}
    kept = [one for one in known if (one.model, one.isa_class) not in measured_anew]
    text = io.StringIO()
    text.writelines(
        f"{_VERSIONS}{name} {number}\n" for name, number in {**known_versions, **versions}.items()
    )
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Figures)])
    writer.writerows(astuple(one) for one in sorted([*kept, *added]))
    PATH.write_text(text.getvalue(), encoding="utf-8")


def _from_row(row: Mapping[str, str]) -> Figures:
    return Figures(
        model=row["model"],
        sha256=row["sha256"],
        isa_class=row["isa_class"],
        instructions=int(row["instructions"]),
        code_bytes=int(row["code_bytes"]),
        sram_bytes=int(row["sram_bytes"]),
        stack_bytes=int(row["stack_bytes"]),
    )
