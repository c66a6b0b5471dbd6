"""Arm Ethos-U: Vela compiles the model, TFLM with CMSIS-NN runs what comes out."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tflite

from fitgraph.compiler_bridge.back_ends.as_tflite import as_tflite
from fitgraph.compiler_bridge.back_ends.programs import run_module, version_of
from fitgraph.compiler_bridge.back_ends.protocol import (
    BackEndError,
    Delivered,
    Fact,
    Request,
    require_known_options,
)
from fitgraph.compiler_bridge.back_ends.tflm_files import Arena, TflmModel, tflm_files
from fitgraph.compiler_bridge.tflm.arena_bound import CMSIS_NN
from fitgraph.compiler_bridge.tflm.code_size import code_size
from fitgraph.compiler_bridge.tflm.footprints import STACK_BYTES, STATIC_BYTES
from fitgraph.compiler_bridge.tflm.greedy_plan import aligned
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.tflite_schema import OPERATOR_NAMES

MODULE, DISTRIBUTION = "ethosu.vela", "ethos-u-vela"
_KIB = 1024
_OPTIONS: Final[Mapping[str, str]] = {
    "accelerator": "Size of the NPU, as ethos-u55-128.",
    "system-config": "A system configuration that Vela knows.",
    "memory-mode": "A memory mode that Vela knows.",
    "optimise": "Performance or Size.",
}
_ARGUMENTS: Final[Mapping[str, str]] = {
    "accelerator": "--accelerator-config",
    "system-config": "--system-config",
    "memory-mode": "--memory-mode",
    "optimise": "--optimise",
}
_WORD = re.compile(r"[\w.-]{1,64}")
_OPERATORS = re.compile(r"^(CPU|NPU) operators = (\d+)", re.MULTILINE)
# An allowance for what TFLM keeps besides tensors, once and per operator left, which Vela does not
# count. Nothing bounds it, so the footprint is an estimate.
_KEPT_ONCE, _KEPT_BY_OPERATOR = 2048, 256


@dataclass(frozen=True, slots=True)
class VelaReport:
    """What Vela says of its own result.

    Attributes:
        configuration: accelerator, system and memory mode.
        sram_bytes: feature maps and weights that it keeps in SRAM.
        cycles: of one inference, by Vela's model of the hardware.
    """

    configuration: str
    sram_bytes: int
    dram_bytes: int
    flash_bytes: int
    cycles: int
    npu_operators: int
    cpu_operators: int


@dataclass(frozen=True, slots=True)
class VelaBackEnd:
    """One of the accelerators.

    Attributes:
        default_accelerator: unless the option says another.
    """

    runtime: str
    default_accelerator: str

    @property
    def options(self) -> Mapping[str, str]:
        return _OPTIONS

    def build(self, request: Request) -> Delivered:
        """The compiled TFLite file, Vela's report, and C++ that runs it.

        Raises:
            BackEndError: an option makes no sense.
            ToolchainError: Vela is not installed or refuses the model; see also ``as_tflite``.
        """
        require_known_options(self, request.options)
        arguments = self._arguments(request.options)
        model = as_tflite(request)
        request.progress("compile with Vela", 1, 3)
        with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
            folder = Path(name)
            (folder / "model.tflite").write_bytes(model.content)
            said = run_module(
                MODULE, DISTRIBUTION, ["model.tflite", "--output-dir", "out", *arguments], folder
            )
            compiled = (folder / "out" / "model_vela.tflite").read_bytes()
            summary = _only_summary(folder / "out")
        request.progress("write the sources", 2, 3)
        report = _report(summary, said)
        source = TflmModel(model.graph.name, compiled, _operators(compiled))
        footprint = self._footprint(request, source, report)
        arena = Arena(footprint.arena_bytes, 2 * footprint.arena_bytes, _ARENA_WORDS)
        texts = tflm_files(source, arena)
        files = {name: text.encode() for name, text in texts.items()}
        return Delivered(
            files={**files, "model_vela.tflite": compiled, "vela_summary.csv": summary.encode()},
            footprints=() if model.is_converted else (footprint,),
            facts=_facts(report),
        )

    def _arguments(self, options: Mapping[str, str]) -> list[str]:
        chosen = {"accelerator": self.default_accelerator, **options}
        family = self.default_accelerator.rsplit("-", 1)[0]
        for name, value in chosen.items():
            if not _WORD.fullmatch(value) or (
                name == "accelerator" and not value.startswith(f"{family}-")
            ):
                raise BackEndError(
                    f"{value!r} is no {name} of {self.runtime}", hint=self.options[name]
                )
        return [word for name in _ARGUMENTS if name in chosen
                for word in (_ARGUMENTS[name], chosen[name])]  # fmt: skip

    def _footprint(self, request: Request, source: TflmModel, report: VelaReport) -> Footprint:
        """An estimate throughout: Vela tells its own allocation, not what the runtime adds."""
        kept = _KEPT_ONCE + _KEPT_BY_OPERATOR * len(source.operators)
        n_bytes = len(source.content)
        code = code_size(source.operators, CMSIS_NN, request.isa_class)
        return Footprint(
            model_sha256=request.graph.sha256,
            runtime=self.runtime,
            isa_class=request.isa_class,
            toolchain=f"{DISTRIBUTION} {version_of(MODULE, DISTRIBUTION)} {report.configuration}",
            arena_bytes=aligned(report.sram_bytes + kept),
            static_bytes=aligned(STATIC_BYTES),
            stack_bytes=STACK_BYTES[CMSIS_NN],
            flash_bytes=aligned(n_bytes + code.n_bytes),
            code_bytes=code.n_bytes,
            weights_bytes=n_bytes,
            evidence=Evidence.ESTIMATE,
            source=f"Vela's summary: {report.sram_bytes} B of SRAM, {report.flash_bytes} B of "
            f"flash, {report.npu_operators} operators on the NPU and {report.cpu_operators} on "
            "the CPU; the runtime's arena, code and stack as of TFLM with CMSIS-NN",
        )


_ARENA_WORDS = (
    "An estimate: what Vela's summary says of SRAM, and what TFLM keeps for itself. Vela does not "
    "know the runtime; let the interpreter tell arena_used_bytes() on the device."
)


def _operators(content: bytes) -> tuple[str, ...]:
    """Of Vela's result, whose scratch tensors nothing computes: our reader would refuse it."""
    model = tflite.Model.GetRootAs(content)
    names = []
    for index in range(model.SubgraphsLength()):
        graph = model.Subgraphs(index)
        for position in range(graph.OperatorsLength()):
            code = model.OperatorCodes(graph.Operators(position).OpcodeIndex())
            builtin = OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            names.append(f"CUSTOM:{code.CustomCode().decode()}" if builtin == "CUSTOM" else builtin)
    return tuple(names)


def _only_summary(folder: Path) -> str:
    (found,) = folder.glob("*_summary_*.csv")
    return found.read_text("utf-8")


def _report(summary: str, said: str) -> VelaReport:
    try:
        (row,) = csv.DictReader(io.StringIO(summary))
        counts = {kind: int(n) for kind, n in _OPERATORS.findall(said)}
        parts = (row["accelerator_configuration"], row["system_config"], row["memory_mode"])
        flash = float(row["on_chip_flash_memory_used"]) + float(row["off_chip_flash_memory_used"])
        return VelaReport(
            configuration=" ".join(parts),
            sram_bytes=round(float(row["sram_memory_used"]) * _KIB),
            dram_bytes=round(float(row["dram_memory_used"]) * _KIB),
            flash_bytes=round(flash * _KIB),
            cycles=round(float(row["cycles_total"])),
            npu_operators=counts["NPU"],
            cpu_operators=counts["CPU"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise BackEndError(
            f"the summary of this version of Vela is not understood: {error}",
            hint="install ethos-u-vela 5.2 or report it",
        ) from error


def _facts(report: VelaReport) -> dict[str, Fact]:
    return {
        "configuration": report.configuration,
        "SRAM bytes by Vela": report.sram_bytes,
        "DRAM bytes by Vela": report.dram_bytes,
        "flash bytes by Vela": report.flash_bytes,
        "cycles by Vela's model": report.cycles,
        "operators on the NPU": report.npu_operators,
        "operators on the CPU": report.cpu_operators,
    }


def ethos_u55() -> VelaBackEnd:
    """Ethos-U55."""
    return VelaBackEnd("ethos-u55-vela", "ethos-u55-128")


def ethos_u65() -> VelaBackEnd:
    """Ethos-U65."""
    return VelaBackEnd("ethos-u65-vela", "ethos-u65-256")


def ethos_u85() -> VelaBackEnd:
    """Ethos-U85."""
    return VelaBackEnd("ethos-u85-vela", "ethos-u85-256")
