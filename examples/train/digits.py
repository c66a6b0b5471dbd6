# /// script
# requires-python = ">=3.11"
# dependencies = ["fitgraph", "scikit-learn==1.9.1", "torch==2.13.0"]
#
# [tool.uv.sources]
# fitgraph = { path = "../.." }
# ///
"""Train the handwritten-digits classifier of examples/digits.

Data: the 8x8 digits that scikit-learn ships. They are stored writer by writer, so the last 300 are
taken as test set without shuffling; a shuffled split would test on the writers trained on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from example_folder import Example, write_example
from onnx_writer import OnnxWriter
from sklearn.datasets import load_digits
from torch import nn

from fitgraph.compiler_bridge.recipes.evaluate import MetricName

SEED = 7
EPOCHS = 40
BATCH = 64
N_TEST = 300
N_CALIBRATION = 200
FULL_SCALE = 16.0  # a pixel counts 0 to 16 set points of the scan


def _block(channels_in: int, channels_out: int, kernel: int, groups: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(
        channels_in, channels_out, kernel, padding=kernel // 2, groups=groups, bias=False
    )
    return nn.Sequential(conv, nn.BatchNorm2d(channels_out), nn.ReLU())


class DigitsNet(nn.Module):
    """In float too large for a part with 128 kB of flash and 20 kB of SRAM; in int8 it fits."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _block(1, 32, 3)
        self.depthwise = _block(32, 32, 3, groups=32)
        self.pointwise = _block(32, 64, 1)
        self.body = _block(64, 64, 3)
        self.hidden = nn.Linear(64 * 2 * 2, 32)
        self.drop = nn.Dropout(0.3)
        self.scores = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pointwise(self.depthwise(self.stem(x)))
        x = self.body(nn.functional.max_pool2d(x, 2))
        x = nn.functional.avg_pool2d(x, 2).flatten(1)
        return self.scores(self.drop(torch.relu(self.hidden(x))))


def to_onnx(net: DigitsNet) -> onnx.ModelProto:
    """The network with softmax; input (1, 1, 8, 8), output (1, 10)."""
    writer = OnnxWriter("digits", "image", (1, 1, 8, 8))
    x = writer.conv_block("image", net.stem, "stem")
    x = writer.conv_block(x, net.depthwise, "depthwise")
    x = writer.conv_block(x, net.pointwise, "pointwise")
    x = writer.node("MaxPool", [x], "max_pool", kernel_shape=[2, 2], strides=[2, 2])
    x = writer.conv_block(x, net.body, "body")
    x = writer.node("AveragePool", [x], "average_pool", kernel_shape=[2, 2], strides=[2, 2])
    x = writer.node("Flatten", [x], "flatten", axis=1)
    x = writer.node("Relu", [writer.gemm(x, net.hidden, "hidden")], "hidden.relu")
    x = writer.gemm(x, net.scores, "scores")
    writer.node("Softmax", [x], "probabilities", axis=1)
    return writer.finish("probabilities", (1, 10))


def load() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Images (n, 1, 8, 8) in 0..1 and classes (n,)."""
    digits = load_digits()
    images = (digits.images / FULL_SCALE).astype(np.float32)[:, np.newaxis]
    return images, digits.target.astype(np.int64)


def _shifted(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each batch moved by at most one pixel in both directions."""
    dy, dx = (int(v) for v in torch.randint(-1, 2, (2,), generator=generator))
    padded = nn.functional.pad(images, (1, 1, 1, 1))
    return padded[:, :, 1 + dy : 9 + dy, 1 + dx : 9 + dx]


def train(x: npt.NDArray[np.float32], y: npt.NDArray[np.int64]) -> DigitsNet:
    """Cross-entropy on images moved by up to a pixel; deterministic on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    net, images, labels = DigitsNet(), torch.from_numpy(x), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    steps = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=EPOCHS * steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x), generator=generator)
        for batch in order[: steps * BATCH].split(BATCH):
            scores = net(_shifted(images[batch], generator))
            optimizer.zero_grad()
            nn.functional.cross_entropy(scores, labels[batch], label_smoothing=0.05).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def facts() -> dict[str, Any]:
    """What the metadata says beside the measured figures."""
    return {
        "task": "classify a handwritten digit",
        "input": {
            "name": "image",
            "kind": "image",
            "sensor": "camera",
            "shape": [1, 1, 8, 8],
            "meaning": "grey image, 0 paper to 1 ink; the source's counts 0..16 divided by 16",
        },
        "output": {"name": "probabilities", "shape": [1, 10], "labels": list("0123456789")},
        "data": {
            "source": "scikit-learn 1.9.1, load_digits: the test part of UCI Optical Recognition "
            "of Handwritten Digits (E. Alpaydin, C. Kaynak, 1998)",
            "licence": "CC BY 4.0 (UCI); BSD-3-Clause (scikit-learn)",
            "split": "the last 300 of 1,797 in stored order are the test set, the rest trains; "
            "calibration is every seventh of the training samples",
        },
        "script": "examples/train/digits.py",
    }


def main() -> None:
    """Train, measure and write the example."""
    torch.use_deterministic_algorithms(mode=True)
    torch.set_num_threads(1)
    x, y = load()
    net = train(x[:-N_TEST], y[:-N_TEST])
    write_example(
        Example(
            name="digits",
            model=to_onnx(net),
            calibration=x[:-N_TEST][::7][:N_CALIBRATION],
            x=x[-N_TEST:],
            y=y[-N_TEST:],
            metric=MetricName.ACCURACY,
            facts=facts(),
        )
    )


if __name__ == "__main__":
    main()
