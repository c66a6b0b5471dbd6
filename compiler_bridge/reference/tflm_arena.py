"""The arena that TFLM's own interpreter needs for a model on this machine, by bisection."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version

from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.registry.measurement import Measurement

RUNTIME_NAME = "tflm"
TIMEOUT_SECONDS = 120.0
#: The measured arena is a multiple of it.
STEP_BYTES = 16
_CHILD = "fitgraph.compiler_bridge.reference.tflm_arena_child"
_MAX_WORDS = 200


def toolchain() -> str:
    """The interpreter's package and version, by which measurements are told apart."""
    return f"tflite-micro {version('tflite-micro')}"


def machine() -> str:
    """Architecture of this machine: ``x86-64``, ``aarch64``."""
    return platform.machine().replace("_", "-") or "unknown"


def measure_arena(
    model_bytes: bytes, sha256: str, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> Measurement:
    """The smallest arena that an inference runs in, or why the interpreter refuses the model.

    Args:
        model_bytes: the TFLite file.
        sha256: of these bytes.
        timeout_seconds: for some twenty inferences.

    Raises:
        EmulationError: the interpreter crashed or took too long.
    """
    answer, words = _ask(model_bytes, sha256, timeout_seconds)
    refusal = str(answer.get("error", ""))
    return Measurement(
        model_sha256=sha256,
        runtime=RUNTIME_NAME,
        machine=machine(),
        toolchain=toolchain(),
        arena_bytes=None if refusal else int(answer["arena_bytes"]),
        refusal=f"{refusal}: {words}" if refusal and words else refusal,
    )


def _ask(
    model_bytes: bytes, sha256: str, timeout_seconds: float
) -> tuple[dict[str, int | str], str]:
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", _CHILD],
            input=model_bytes,
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise EmulationError(
            f"The TFLM interpreter took more than {timeout_seconds:g} s on {sha256[:12]}.",
            hint="Its arena is not known; the model may be too large for a microcontroller.",
        ) from error
    if child.returncode != 0 or not child.stdout:
        raise EmulationError(
            f"The TFLM interpreter's process ended with code {child.returncode} on {sha256[:12]}.",
            hint="Its arena is not known; TFLM cannot run this model.",
        )
    answer: dict[str, int | str] = json.loads(child.stdout)
    return answer, _reason(child.stderr)


def _reason(stderr: bytes) -> str:
    """What a kernel said last, without the path of its source file."""
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines()]
    said = [line.partition(".cc ")[2] for line in lines if ".cc " in line]
    return said[-1][:_MAX_WORDS] if said else ""
