"""The main job from end to end, on real models and boards: each step is a `fitgraph` command.

`make demo` runs it. It keeps its graph and its artifacts in build/demo and starts afresh each time.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / "build" / "demo"
BOARD = "stm32-blue-pill"
BOARDS = (BOARD, "arduino-nano-33-ble-sense", "raspberry-pi-pico", "esp32-c3-devkitm-1")
CLASSES = ("armv6-m", "armv7-m", "armv7e-m+fp", "rv32imc")


def main() -> int:
    """Runs all steps; the first that ends other than expected ends the demo."""
    started = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)

    say("1. Three small networks of ours and a wake word that others trained become a graph.")
    for name in ("digits", "activity", "anomaly"):
        fitgraph("model", "add", example(name, f"{name}.onnx"))
    wake_word = wake_word_file()
    if wake_word is not None:
        fitgraph("model", "add", wake_word, "--name", "okay-nabu")
    fitgraph("model", "list")

    say("2. One build an ISA class measures what a model takes of every board of that class.")
    for name in ("digits", "activity", "anomaly"):
        fitgraph("footprint", name, "--isa", "armv7e-m+fp")
    if wake_word is not None:
        fitgraph("footprint", "okay-nabu", *(word for isa in CLASSES for word in ("--isa", isa)))

    say("3. What fits which board, how that is known, and why not.")
    for board in BOARDS:
        fitgraph("match", "--board", board)

    say(f"4. The digits classifier does not fit the {BOARD}. By how much, and what would help?")
    calibration, test = example("digits", "calibration.npz"), example("digits", "test.npz")
    fitgraph("explain", "digits", BOARD, "--calibration", calibration, expected=1)

    say("5. Quantized to int8, with its accuracy before and after on 300 test images.")
    fitgraph("quantize", "digits", "--calibration", calibration, "--test", test)

    say("6. C, compiled, linked into the board's own regions, run, every output compared.")
    output = ("--output", relative(WORK / "digits-blue-pill"))
    fitgraph("build", "digits-int8", "--board", BOARD, "--test", test, *output)
    if wake_word is not None:
        say("   The wake word keeps state between calls; it runs on a Raspberry Pi Pico.")
        fitgraph("build", "okay-nabu", "--board", "raspberry-pi-pico",
                 "--output", relative(WORK / "okay-nabu-pico"))  # fmt: skip

    say("7. The proof is in the graph: the same question again.")
    fitgraph("match", "digits-int8", "--board", BOARD)
    fitgraph("proof", "list")

    say(f"Done in {time.monotonic() - started:.0f} s. C sources, firmware.elf and proof.json:")
    for folder in sorted(WORK.glob("*/manifest.json")):
        print(f"   {relative(folder.parent)}")
    return 0


def fitgraph(*words: str, expected: int = 0) -> None:
    """Shows a command and runs it; ends the demo if it does not end as expected."""
    print(f"\n$ fitgraph {shlex.join(words)}", flush=True)
    program = Path(sys.executable).with_name("fitgraph")
    environment = {**os.environ, "FITGRAPH_STORE": str(WORK / "store")}
    done = subprocess.run([program, *words], cwd=HERE.parent, env=environment, check=False)
    if done.returncode != expected:
        sys.exit(f"the command ended with {done.returncode} where {expected} was expected")


def wake_word_file() -> str | None:
    """The model inside the PyPI package pymicro-wakeword, if that is installed."""
    spec = importlib.util.find_spec("pymicro_wakeword")
    if spec is None or spec.origin is None:
        say("   (without the wake word: `pip install pymicro-wakeword` brings it)")
        return None
    return str(Path(spec.origin).parent / "models" / "okay_nabu.tflite")


def example(*parts: str) -> str:
    """A file of the examples, as a path to type."""
    return relative(HERE.joinpath(*parts))


def relative(path: Path) -> str:
    """The path from the top of the repository."""
    return str(path.relative_to(HERE.parent))


def say(text: str) -> None:
    """What comes next, before its output."""
    print(f"\n{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
