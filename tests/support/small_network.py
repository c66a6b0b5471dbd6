"""A float network of one convolution, and samples for it."""

from __future__ import annotations

from pathlib import Path

from tests.support.float_models import Node, samples, save_model, weights

SHAPE = (1, 2, 8, 8)
CALIBRATION = {"x": samples(*SHAPE[1:])}
CONV: Node = ("Conv", ["x", "w"], "c", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})


def small_network(folder: Path) -> Path:
    """Convolution and ReLU."""
    nodes: list[Node] = [CONV, ("Relu", ["c"], "y", {})]
    return save_model(
        folder / "small.onnx", nodes, input_shape=SHAPE, constants={"w": weights(4, 2, 3, 3)}
    )
