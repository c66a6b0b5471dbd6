"""Constants of the generated C that are equal stand in flash once."""

from __future__ import annotations

import re

import numpy as np

from fitgraph.compiler_bridge.build import build_for_class
from fitgraph.compiler_bridge.generated import GeneratedCode
from tests.support.exactness import Subject
from tests.support.qdq_graphs import OnnxGraph, i8, read


def test_equal_constants_are_stored_once(cover: list[Subject]) -> None:
    n_constants = 0
    for model in cover:
        found = definitions(model.generated)
        n_constants += len(found)
        assert len(set(found)) == len(found), model.graph.name
    assert n_constants > 5 * len(cover)


def test_weights_that_two_layers_share_are_in_flash_once() -> None:
    two, three = chain(2), chain(3)
    assert len(definitions(three.generated)) == len(definitions(two.generated))
    sizes = [build_for_class(m.generated, "armv6-m").firmware.sizes for m in (two, three)]
    assert sizes[0].weights_bytes == sizes[1].weights_bytes < 2 * 4096


def definitions(code: GeneratedCode) -> list[tuple[str, str]]:
    """Type and contents of each constant array."""
    source = code.files[f"{code.prefix}.c"]
    pattern = r"^static const FG_WEIGHTS (\w+) \w+\[\d+\] = (\{[^}]*\});"
    return re.findall(pattern, source, re.MULTILINE)


def chain(n_layers: int) -> Subject:
    """Dense layers one after another, all with the same 4 KiB of weights."""
    graph = OnnxGraph()
    random = np.random.default_rng(5)
    weights = random.integers(-127, 128, (64, 64)).astype(np.int8)
    value = graph.input(i8(np.zeros((1, 64))))
    for _ in range(n_layers):
        real = graph.dequantized(value, 0.1, i8(0))
        layer = graph.dequantized(graph.constant(weights.copy()), 0.01, i8(0))
        value = graph.quantized(graph.node("MatMul", [real, layer]), 0.1, i8(0))
    content = graph.model(value)
    return Subject(read(content), content)
