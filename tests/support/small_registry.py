"""A few made-up models, boards and results, small enough to know every row by heart."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import numpy as np

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.facts import model_facts
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Quantization, Tensor
from fitgraph.registry.proof import Proof, RegionUse
from fitgraph.registry.runtime import OperatorSupport, Runtime
from fitgraph.registry.variant import Variant

TOOLCHAIN: Final = "zig 0.15.1 -Os"

FLOAT_BYTES: Final = b"a float model file, as far as a blob is concerned"
INT8_BYTES: Final = b"an int8 model file, as far as a blob is concerned"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


FLOAT_SHA256: Final = sha256(FLOAT_BYTES)
INT8_SHA256: Final = sha256(INT8_BYTES)


def float_graph() -> ModelGraph:
    """One dense layer in float32, as ONNX spells it; the batch is symbolic."""
    weights = np.zeros((4, 2), dtype=np.float32)
    weights.flags.writeable = False
    return ModelGraph(
        name="dense",
        format="onnx",
        sha256=FLOAT_SHA256,
        file_bytes=len(FLOAT_BYTES),
        tensors=(
            Tensor("x", ("batch", 4), DType.FLOAT32),
            Tensor("w", (4, 2), DType.FLOAT32, data=weights),
            Tensor("y", ("batch", 2), DType.FLOAT32),
        ),
        operators=(Operator("MatMul", "ai.onnx", 17, (0, 1), (2,)),),
        inputs=(0,),
        outputs=(2,),
        opset_imports={"ai.onnx": 17},
    )


def int8_graph() -> ModelGraph:
    """The same layer in int8 with a softmax after it, as TFLite spells it."""
    weights = np.zeros((2, 4), dtype=np.int8)
    weights.flags.writeable = False
    return ModelGraph(
        name="dense-int8",
        format="tflite",
        sha256=INT8_SHA256,
        file_bytes=len(INT8_BYTES),
        tensors=(
            Tensor("x", (1, 4), DType.INT8, Quantization((0.5,), (-3,))),
            Tensor("w", (2, 4), DType.INT8, Quantization((0.25, 0.125), (0, 0), 0), weights),
            Tensor("z", (1, 2), DType.INT8, Quantization((1.5,), (7,))),
            Tensor("y", (1, 2), DType.INT8, Quantization((0.00390625,), (-128,))),
        ),
        operators=(
            Operator("FULLY_CONNECTED", "tflite", 4, (0, 1, None), (2,)),
            Operator("SOFTMAX", "tflite", 2, (2,), (3,)),
        ),
        inputs=(0,),
        outputs=(3,),
    )


_FLASH = MemoryRegion("FLASH", RegionKind.FLASH, 0, 1 << 20)
_RAM = MemoryRegion("RAM", RegionKind.SRAM, 0x20000000, 64 * 1024)

LARGE: Final = Board(
    board_id="large",
    name="Large Board",
    vendor="Example",
    mcu="nRF52840",
    cpu_core="Cortex-M4F",
    isa_class="armv7e-m+fp",
    clock_hz=64_000_000,
    regions=(replace(_FLASH, reserve_bytes=4096, reserve_reason="master boot record"), _RAM),
    sensors=("accelerometer", "microphone"),
    radios=("bluetooth",),
    sources=("Example datasheet, section 4", "https://example.org/large"),
)
SMALL: Final = replace(
    LARGE,
    board_id="small",
    name="Small Board",
    regions=(
        _FLASH,
        replace(_RAM, size_bytes=8192, reserve_bytes=2500, reserve_reason="radio stack"),
    ),
    sensors=(),
)
OLD: Final = replace(
    LARGE,
    board_id="old",
    name="Old Board",
    mcu="SAMD21G18A",
    cpu_core="Cortex-M0+",
    isa_class="armv6-m",
    clock_hz=48_000_000,
    regions=(replace(_FLASH, size_bytes=256 * 1024), replace(_RAM, size_bytes=32 * 1024)),
    sensors=(),
    radios=(),
)
TIGHT: Final = replace(
    LARGE,
    board_id="tight",
    name="Tightly Coupled Board",
    isa_class="armv7e-m+fp.dp",
    cpu_core="Cortex-M7",
    regions=(
        _FLASH,
        MemoryRegion("DTCM", RegionKind.DTCM, 0x20000000, 128 * 1024),
        MemoryRegion("ITCM", RegionKind.ITCM, 0x10000000, 64 * 1024),
    ),
)
BOARDS: Final = (LARGE, SMALL, OLD, TIGHT)

RUNTIME: Final = Runtime(
    name="fitgraph-c",
    label="fitgraph C",
    operators=(
        OperatorSupport("tflite:FULLY_CONNECTED", (DType.INT8, DType.INT32), 9, 1),
        OperatorSupport("tflite:SOFTMAX", (DType.INT8,), 1, 1),
    ),
    isa_classes=("armv6-m", "armv7e-m+fp"),
    footprint_from=Evidence.MEASURED,
    source="the generator itself",
    licence="Apache-2.0",
)

FOOTPRINT: Final = Footprint(
    model_sha256=INT8_SHA256,
    runtime="fitgraph-c",
    isa_class="armv7e-m+fp",
    toolchain=TOOLCHAIN,
    arena_bytes=4096,
    static_bytes=512,
    stack_bytes=1024,
    flash_bytes=20480,
    code_bytes=12280,
    weights_bytes=8192,
    evidence=Evidence.MEASURED,
    source="build of dense-int8",
)

PROOF: Final = Proof(
    model_sha256=INT8_SHA256,
    board_id="large",
    runtime="fitgraph-c",
    isa_class="armv7e-m+fp",
    toolchain=TOOLCHAIN,
    firmware_sha256=sha256(b"an ELF file"),
    emulator="unicorn 2.1.4",
    reference="tflite-micro",
    n_inputs=10,
    n_outputs_compared=20,
    worst_difference=0.0,
    instructions_per_inference=1234,
    stack_high_water_bytes=900,
    regions=(RegionUse("FLASH", 20480, 1_024_000), RegionUse("RAM", 5632, 59_904)),
    created_at="2026-11-21T09:30:00Z",
)

VARIANT: Final = Variant(
    model_sha256=INT8_SHA256,
    source_sha256=FLOAT_SHA256,
    recipe="int8 post-training, per channel",
    calibration_sha256=sha256(b"calibration data"),
    metric="top-1 accuracy, 360 digits",
    accuracy_before=0.975,
    accuracy_after=0.9722,
)


def fill(registry: Registry) -> None:
    """Adds everything above."""
    registry.add_boards(BOARDS)
    registry.add_runtime(RUNTIME)
    float_model, int8_model = float_graph(), int8_graph()
    registry.add_model(float_model, model_facts(float_model), FLOAT_BYTES, "dense")
    registry.add_model(int8_model, model_facts(int8_model), INT8_BYTES, "dense-int8")
    registry.add_variant(VARIANT)
    registry.add_footprint(FOOTPRINT)
    registry.add_proof(PROOF)
