"""What the figures were measured on and with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("ziglang", "unicorn", "tflite-micro", "onnx", "onnxruntime", "pyoxigraph", "numpy")


def describe_machine() -> dict[str, str]:
    """Name to value; a load above the number of processors makes every time longer."""
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    """The model name that Linux gives, else whatever Python knows."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
