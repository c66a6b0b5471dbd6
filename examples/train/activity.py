# /// script
# requires-python = ">=3.11"
# dependencies = ["fitgraph", "seglearn==1.2.5", "torch==2.13.0"]
#
# [tool.uv.sources]
# fitgraph = { path = "../.." }
# ///
"""Train the exercise classifier of examples/activity.

Data: the smartwatch recordings that the package seglearn ships, of ten people doing seven shoulder
exercises with either arm. The split is by person: who is tested on was never trained on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from example_folder import Example, write_example
from onnx_writer import OnnxWriter
from torch import nn

from fitgraph.compiler_bridge.recipes.evaluate import MetricName

SEED = 0
EPOCHS = 25
BATCH = 128
TRAIN_PEOPLE = frozenset(range(1, 8))
TEST_PEOPLE = frozenset({8, 9, 10})

# The file is a pickle; only the one published with seglearn 1.2.5 is opened.
DATA_FILE = "seglearn/data/watch_dataset.npy"
DATA_SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"

SAMPLE_RATE_HZ = 25  # recorded at 50 Hz; pairs are averaged
WINDOW = 64  # 2.56 s, more than one repetition
TRAIN_HOP = 8
CALIBRATION_HOP = 40  # windows between one calibration sample and the next
TEST_WINDOWS_PER_CLASS = 40
# What a sensor set to these ranges gives: fractions of full scale, here in 10 bits.
FULL_SCALE = np.array([4.0] * 3 + [np.deg2rad(500)] * 3)
STEPS = 512


def _block(
    channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    conv = nn.Conv1d(
        channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False
    )
    return [conv, nn.BatchNorm1d(channels_out)]


class ActivityNet(nn.Module):
    """1-D convolutions over time, one depthwise-separable block with a shortcut."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_block(6, 24, 5), nn.ReLU())
        self.depthwise = nn.Sequential(*_block(24, 24, 5, groups=24), nn.ReLU())
        self.pointwise = nn.Sequential(*_block(24, 24, 1))
        self.down = nn.Sequential(*_block(24, 48, 5, stride=2), nn.ReLU())
        self.body = nn.Sequential(*_block(48, 48, 3), nn.ReLU())
        self.drop = nn.Dropout(0.3)
        self.scores = nn.Linear(48, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.max_pool1d(self.stem(x), 2)
        x = torch.relu(x + self.pointwise(self.depthwise(x)))
        x = self.body(self.down(x)).mean(2)
        return self.scores(self.drop(x))


def to_onnx(net: ActivityNet) -> onnx.ModelProto:
    """The network with softmax; input (1, 6, 64), output (1, 7); every tensor has rank 3 or 2."""
    n_classes = net.scores.out_features
    writer = OnnxWriter("activity", "motion", (1, 6, WINDOW))
    x = writer.conv_block("motion", net.stem, "stem")
    shortcut = writer.node("MaxPool", [x], "max_pool", kernel_shape=[2], strides=[2])
    x = writer.conv_block(shortcut, net.depthwise, "depthwise")
    x = writer.conv_block(x, net.pointwise, "pointwise")
    x = writer.node("Relu", [writer.node("Add", [shortcut, x], "residual")], "residual.relu")
    x = writer.conv_block(x, net.down, "down")
    x = writer.conv_block(x, net.body, "body")
    x = writer.node("GlobalAveragePool", [x], "average_pool")
    x = writer.gemm(writer.node("Flatten", [x], "flatten", axis=1), net.scores, "scores")
    writer.node("Softmax", [x], "probabilities", axis=1)
    return writer.finish("probabilities", (1, n_classes))


def load() -> Mapping[str, Any]:
    """The recordings: lists ``X`` of (n, 6) arrays, arrays ``y`` and ``subject``, labels."""
    path = Path(str(distribution("seglearn").locate_file(DATA_FILE)))
    if hashlib.sha256(path.read_bytes()).hexdigest() != DATA_SHA256:
        raise SystemExit(f"{path} is not the file of seglearn 1.2.5")
    data: Mapping[str, Any] = np.load(path, allow_pickle=True).item()
    return data


def _windows(recording: npt.NDArray[np.float64], hop: int) -> npt.NDArray[np.float32]:
    """(n, 6) at 50 Hz to windows (m, 6, 64) at 25 Hz, in fractions of full scale."""
    pairs = recording[: len(recording) // 2 * 2].reshape(-1, 2, 6).mean(axis=1)
    scaled = np.clip(np.round(pairs / FULL_SCALE * STEPS) / STEPS, -1, 1 - 1 / STEPS)
    starts = range(0, len(scaled) - WINDOW + 1, hop)
    return np.stack([scaled[start : start + WINDOW].T for start in starts]).astype(np.float32)


def cut(
    data: Mapping[str, Any], people: AbstractSet[int], hop: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Windows (n, 6, 64) and classes (n,) of some people."""
    recordings = zip(data["X"], data["y"], data["subject"], strict=True)
    pieces = [(_windows(x, hop), int(y)) for x, y, person in recordings if person in people]
    labels = np.concatenate([np.full(len(windows), y) for windows, y in pieces])
    return np.concatenate([windows for windows, _ in pieces]), labels


def _disturbed(windows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Other people wear the watch a little turned and move with more or less force."""
    n = len(windows)
    skew = torch.randn(n, 3, 3, generator=generator)
    turn = torch.linalg.matrix_exp(0.15 * (skew - skew.transpose(1, 2)))
    turned = torch.cat([turn @ windows[:, :3], turn @ windows[:, 3:]], dim=1)
    force = 1 + 0.1 * torch.randn(n, 1, 1, generator=generator)
    return turned * force + 0.02 * torch.randn(windows.shape, generator=generator)


def train(x: npt.NDArray[np.float32], y: npt.NDArray[np.int64], n_classes: int) -> ActivityNet:
    """Cross-entropy on disturbed windows; deterministic on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    net, windows, labels = ActivityNet(n_classes), torch.from_numpy(x), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    steps = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=EPOCHS * steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x), generator=generator)
        for batch in order[: steps * BATCH].split(BATCH):
            scores = net(_disturbed(windows[batch], generator))
            optimizer.zero_grad()
            nn.functional.cross_entropy(scores, labels[batch], label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def accuracy(net: ActivityNet, x: npt.NDArray[np.float32], y: npt.NDArray[np.int64]) -> float:
    """Share of windows (n, 6, 64) whose class the float network finds."""
    with torch.no_grad():
        found = net(torch.from_numpy(x)).argmax(dim=1).numpy()
    return float((found == y).mean())


def spread_by_class(y: npt.NDArray[np.int64], per_class: int) -> npt.NDArray[np.intp]:
    """Indices of ``per_class`` windows of each class, evenly over all recordings."""
    picks = []
    for label in np.unique(y):
        (where,) = np.nonzero(y == label)
        picks.append(where[np.linspace(0, len(where) - 1, per_class).round().astype(int)])
    return np.sort(np.concatenate(picks))


def facts(data: Mapping[str, Any], n_all: int, accuracy_all: float) -> dict[str, Any]:
    """What the metadata says beside the measured figures."""
    return {
        "task": "tell which of seven shoulder exercises a smartwatch's wearer does",
        "input": {
            "name": "motion",
            "kind": "time series",
            "sensor": "accelerometer, gyroscope",
            "shape": [1, 6, WINDOW],
            "channels": data["X_labels"],
            "sample_rate_hz": SAMPLE_RATE_HZ,
            "meaning": "readings as fractions of full scale: acceleration in +-4 g, rotation in "
            "+-500 degrees/s; no other preprocessing",
        },
        "output": {
            "name": "probabilities",
            "shape": [1, len(data["y_labels"])],
            "labels": data["y_labels"],
        },
        "data": {
            "source": "seglearn 1.2.5, watch_dataset: D. Burns et al., Shoulder physiotherapy "
            "exercise recognition (arXiv 1802.01489)",
            "licence": "BSD-3-Clause, see LICENSE.data",
            "split": "people 1 to 7 train and calibrate, people 8 to 10 test; test windows do not "
            f"overlap and are {TEST_WINDOWS_PER_CLASS} a class, evenly taken from {n_all}",
            "float_accuracy_on_all_test_windows": accuracy_all,
        },
        "script": "examples/train/activity.py",
    }


def main() -> None:
    """Train, measure and write the example."""
    torch.use_deterministic_algorithms(mode=True)
    torch.set_num_threads(1)
    data = load()
    x, y = cut(data, TRAIN_PEOPLE, TRAIN_HOP)
    net = train(x, y, len(data["y_labels"]))
    x_test, y_test = cut(data, TEST_PEOPLE, WINDOW)
    chosen = spread_by_class(y_test, TEST_WINDOWS_PER_CLASS)
    write_example(
        Example(
            name="activity",
            model=to_onnx(net),
            calibration=x[::CALIBRATION_HOP],
            x=x_test[chosen],
            y=y_test[chosen],
            metric=MetricName.ACCURACY,
            facts=facts(data, len(y_test), accuracy(net, x_test, y_test)),
        )
    )


if __name__ == "__main__":
    main()
