# /// script
# requires-python = ">=3.11"
# dependencies = ["fitgraph", "torch==2.13.0"]
#
# [tool.uv.sources]
# fitgraph = { path = "../.." }
# ///
"""Train the vibration anomaly detector of examples/anomaly.

Data: made here. A simulated machine turns at about 25 Hz; faults are an imbalance, looseness and
a damaged bearing, from barely there to plain. Figures on it say that the code works, not that a
real machine's faults would be found as well.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from example_folder import Example, write_example
from onnx_writer import OnnxWriter
from torch import nn

from fitgraph.compiler_bridge.recipes.evaluate import MetricName

SEED = 11
EPOCHS = 60
BATCH = 64
N_TRAIN = 3000
N_CALIBRATION = 200
N_TEST_NORMAL = 150
N_TEST_PER_FAULT = 50

SAMPLE_RATE_HZ = 3200
FRAME = 256
FRAMES = 4  # spectra averaged into one sample
BINS = FRAME // 2
SHAFT_HZ = 25.0
GEAR_TEETH = 17
# Outer race of a bearing with 9 balls passes them 0.4 * 9 times a turn (textbook approximation).
BALL_PASSES_PER_TURN = 3.6
RESONANCE_HZ = 1100.0
DECAY_PER_S = 700.0
# Log power that is mapped to 0 and to 1: the simulation's noise floor and its strongest tone.
LOG_POWER_RANGE = (-6.0, 0.0)

Signal = npt.NDArray[np.float64]
FAULTS = ("imbalance", "looseness", "bearing")


class AnomalyNet(nn.Module):
    """An autoencoder with a bottleneck of 12."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (BINS, 64, 12, 64, BINS)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


def to_onnx(net: AnomalyNet) -> onnx.ModelProto:
    """Gemm and Relu only; input and output (1, 128)."""
    writer = OnnxWriter("anomaly", "spectrum", (1, BINS))
    x = "spectrum"
    *inner, last = net.layers
    for number, layer in enumerate(inner):
        x = writer.node("Relu", [writer.gemm(x, layer, f"dense{number}")], f"dense{number}.relu")
    writer.gemm(x, last, "reconstruction")
    return writer.finish("reconstruction", (1, BINS))


def vibration(rng: np.random.Generator, fault: str | None) -> Signal:
    """One recording of FRAMES frames; load and speed vary as in normal service."""
    time_s = np.arange(FRAME * FRAMES) / SAMPLE_RATE_HZ
    shaft = 2 * np.pi * SHAFT_HZ * rng.uniform(0.97, 1.03) * time_s
    load = rng.uniform(0.5, 1.0)
    signal = 0.02 * rng.uniform(0.7, 1.4) * rng.standard_normal(len(time_s))
    for harmonic, amplitude in enumerate((0.5, 0.25, 0.12, 0.06), start=1):
        signal += _tone(rng, harmonic * shaft, amplitude * rng.uniform(0.7, 1.3))
    for sideband in (-1, 0, 1):
        signal += _tone(
            rng, (GEAR_TEETH + sideband) * shaft, load * (0.2 if sideband == 0 else 0.06)
        )
    if fault is not None:
        signal += _fault(rng, fault, shaft, time_s)
    return signal


def _tone(rng: np.random.Generator, phase: Signal, amplitude: float) -> Signal:
    return amplitude * np.sin(phase + rng.uniform(0, 2 * np.pi))


def _fault(rng: np.random.Generator, fault: str, shaft: Signal, time_s: Signal) -> Signal:
    severity = rng.uniform(0.15, 1.0)
    if fault == "imbalance":
        return _tone(rng, shaft, 2.5 * severity)
    if fault == "looseness":
        halves = (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
        tones = [_tone(rng, order * shaft, 0.2 * severity) for order in halves]
        return np.sum(tones, axis=0)
    turns = shaft / (2 * np.pi) + rng.uniform()
    passes = np.floor(turns * BALL_PASSES_PER_TURN)
    hits = time_s[np.flatnonzero(np.diff(passes, prepend=passes[0]))]
    since = time_s[:, np.newaxis] - hits
    ringing = np.exp(-DECAY_PER_S * since.clip(0)) * np.sin(2 * np.pi * RESONANCE_HZ * since)
    return 0.3 * severity * np.where(since >= 0, ringing, 0).sum(axis=1)


def spectrum(signal: Signal) -> npt.NDArray[np.float32]:
    """Log power of bins 1 to 128, averaged over the frames, mapped to about 0..1; shape (128,)."""
    frames = signal.reshape(FRAMES, FRAME) * np.hanning(FRAME)
    power = np.abs(np.fft.rfft(frames)[:, 1:] / (FRAME / 4)) ** 2
    low, high = LOG_POWER_RANGE
    scaled = (np.log10(power.mean(axis=0) + 10**low) - low) / (high - low)
    return scaled.clip(0, 1).astype(np.float32)


def spectra(rng: np.random.Generator, n: int, fault: str | None = None) -> npt.NDArray[np.float32]:
    """(n, 128)."""
    return np.stack([spectrum(vibration(rng, fault)) for _ in range(n)])


def train(x: npt.NDArray[np.float32]) -> AnomalyNet:
    """Mean squared error on normal samples (n, 128); deterministic on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    net, samples = AnomalyNet(), torch.from_numpy(x)
    optimizer = torch.optim.Adam(net.parameters())
    steps = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=EPOCHS * steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x), generator=generator)
        for batch in order[: steps * BATCH].split(BATCH):
            loss = nn.functional.mse_loss(net(samples[batch]), samples[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def facts() -> dict[str, Any]:
    """What the metadata says beside the measured figures."""
    return {
        "task": "tell a faulty machine's vibration by the error of its reconstruction",
        "input": {
            "name": "spectrum",
            "kind": "spectrum",
            "sensor": "accelerometer",
            "shape": [1, BINS],
            "sample_rate_hz": SAMPLE_RATE_HZ,
            "meaning": f"log power of bins 1 to {BINS} of a {FRAME}-point spectrum, averaged over "
            f"{FRAMES} Hann-windowed frames, 10^-6..1 mapped to 0..1",
        },
        "output": {"name": "reconstruction", "shape": [1, BINS]},
        "data": {
            "source": "simulated by the training script; no real machine",
            "licence": "as this project",
            "split": f"{N_TRAIN} normal samples train and calibrate; {N_TEST_NORMAL} fresh normal "
            f"ones and {N_TEST_PER_FAULT} for each of {', '.join(FAULTS)} test",
        },
        "script": "examples/train/anomaly.py",
    }


def main() -> None:
    """Train, measure and write the example."""
    torch.use_deterministic_algorithms(mode=True)
    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    x = spectra(rng, N_TRAIN)
    normal = spectra(rng, N_TEST_NORMAL)
    faulty = [spectra(rng, N_TEST_PER_FAULT, fault) for fault in FAULTS]
    x_test = np.concatenate([normal, *faulty])
    write_example(
        Example(
            name="anomaly",
            model=to_onnx(train(x)),
            calibration=x[:N_CALIBRATION],
            x=x_test,
            y=(np.arange(len(x_test)) >= N_TEST_NORMAL).astype(np.int64),
            metric=MetricName.ROC_AUC,
            facts=facts(),
        )
    )


if __name__ == "__main__":
    main()
