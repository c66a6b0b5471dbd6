"""Print the path of okay_nabu.tflite, the wake-word model in the package pymicro-wakeword."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

MODEL = "pymicro_wakeword/models/okay_nabu.tflite"


def locate() -> Path:
    """The installed file; nothing is copied or downloaded."""
    try:
        path = Path(str(distribution("pymicro-wakeword").locate_file(MODEL)))
    except PackageNotFoundError:
        raise SystemExit(
            "pymicro-wakeword is not installed: pip install pymicro-wakeword"
        ) from None
    if not path.is_file():
        raise SystemExit(f"this version of pymicro-wakeword has no {MODEL}")
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{locate()}\n")
