"""A graph in which every competency question has an answer that can be told by hand.

Made by the registry of records: the small registry, a network from the examples, parts and boards
of the device catalogue, runtimes as fitgraph brings them, descriptions and measurements, devices
with their Thing Descriptions. What has no record yet (a fleet, its plan, a match) is Turtle.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.device_catalogue import catalogue_board, catalogue_mcu
from fitgraph.registry.facts import model_facts
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import BASE, Iri, footprint_iri, model_iri, proof_iri
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.proof import Proof, RegionUse
from fitgraph.registry.read_model import read_model
from fitgraph.registry.runtime_profiles import runtime_profiles
from fitgraph.registry.thing_json import parse_document
from fitgraph.registry.variant import Variant
from tests.support.example_models import float_example
from tests.support.small_registry import (
    FLOAT_SHA256,
    FOOTPRINT,
    INT8_BYTES,
    INT8_SHA256,
    PROOF,
    fill,
    int8_graph,
    sha256,
)

TURTLE: Final = Path(__file__).with_name("competency_graph.ttl")
GCC: Final = "gcc 13.2.1 -Os"
#: A part that is told exactly; one that is a guess and whose sources disagree; a core unknown.
CATALOGUE_BOARDS: Final = ("arduino-nano-33-ble", "96b-avenger96", "arduino-portenta-c33")
MCUS: Final = ("samg55j19", "same70q21b", "nrf52840", "stm32mp157aa", "pse845gos2dfmc4")
RUNTIMES: Final = ("tflm", "edge-impulse-eon", "microtvm", "onnx2c", "ethos-u55-vela")

PRUNED_BYTES: Final = b"a pruned model file, as far as a blob is concerned"
PRUNED_SHA256: Final = sha256(PRUNED_BYTES)
UPSAMPLER_BYTES: Final = b"an old model file, as far as a blob is concerned"

PRUNED: Final = Variant(
    model_sha256=PRUNED_SHA256,
    source_sha256=INT8_SHA256,
    recipe="magnitude pruning, 50 %",
    metric="top-1 accuracy, 360 digits",
    accuracy_before=0.9722,
    accuracy_after=0.9028,
)
GCC_FOOTPRINT: Final = replace(
    FOOTPRINT, model_sha256=PRUNED_SHA256, toolchain=GCC, flash_bytes=16384, weights_bytes=4096
)
GCC_PROOF: Final = replace(
    PROOF,
    model_sha256=PRUNED_SHA256,
    toolchain=GCC,
    firmware_sha256=sha256(b"another ELF file"),
    worst_difference=1.0,
    instructions_per_inference=1100,
    regions=(RegionUse("FLASH", 16384, 1_028_096), RegionUse("RAM", 5632, 59_904)),
    created_at="2026-11-22T10:00:00Z",
)
FOOTPRINTS: Final[dict[str, Footprint]] = {"zig": FOOTPRINT, "gcc": GCC_FOOTPRINT}
PROOFS: Final[dict[str, Proof]] = {"zig": PROOF, "gcc": GCC_PROOF}


def upsampler() -> ModelGraph:
    """A resize as old ONNX spelt it, and an operator of somebody's own."""
    return ModelGraph(
        name="upsampler",
        format="onnx",
        sha256=sha256(UPSAMPLER_BYTES),
        file_bytes=len(UPSAMPLER_BYTES),
        tensors=(
            Tensor("x", (1, 1, 4, 4), DType.FLOAT32),
            Tensor("scales", (4,), DType.FLOAT32),
            Tensor("large", (1, 1, 8, 8), DType.FLOAT32),
            Tensor("y", (1, 1, 8, 8), DType.FLOAT32),
        ),
        operators=(
            Operator("Upsample", "ai.onnx", 9, (0, 1), (2,)),
            Operator("Sharpen", "com.example", 1, (2,), (3,)),
        ),
        inputs=(0, 1),
        outputs=(3,),
        opset_imports={"ai.onnx": 9, "com.example": 1},
    )


def claims_of(**values: str | float) -> tuple[Claim, ...]:
    return tuple(
        Claim(name, value, ClaimStatus.UNCHECKED, ("a paper",)) for name, value in values.items()
    )


def described_board(name: str, ram_bytes: int, flash_bytes: int, *sensors: str) -> Board:
    """A board as the paper describes it: free memory by hearsay, no core, no address."""
    return Board(
        board_id=name,
        name=name,
        vendor="Described",
        mcu=name,
        cpu_core="",
        isa_class=None,
        clock_hz=None,
        regions=(
            MemoryRegion("RAM", RegionKind.SRAM, None, ram_bytes, status=ClaimStatus.UNCHECKED),
            MemoryRegion(
                "Flash", RegionKind.FLASH, None, flash_bytes, status=ClaimStatus.UNCHECKED
            ),
        ),
        sensors=sensors,
        radios=(),
        sources=("a paper",),
        claims=claims_of(freeSramBytes=ram_bytes, freeFlashBytes=flash_bytes),
    )


#: The boards and the needs of the paper's three case studies (arXiv 2202.09113, section 5).
DESCRIBED_BOARDS: Final = (
    described_board("nano-33", 172_000, 628_000, "accelerometer", "gyroscope", "microphone"),
    described_board(
        "tinyml-kit", 187_000, 785_000, "accelerometer", "camera", "gyroscope", "microphone"
    ),
    described_board("camera-board", 127_000, 576_000, "camera"),
)
DESCRIPTIONS: Final = (
    ModelDescription(
        "alarm-clock", "Alarm clock", sha256(UPSAMPLER_BYTES), ("accelerometer", "gyroscope"),
        summary="Tells whether somebody sleeps.",
        claims=claims_of(sramBytes=116_480, flashBytes=531_624), sources=("a paper",),
    ),
    ModelDescription(
        "person", "Person detection", None, ("camera",),
        claims=claims_of(sramBytes=94_128, flashBytes=236_072, accuracy=0.0), sources=("a paper",),
    ),
    ModelDescription(
        "faces", "Faces", None, ("camera",),
        claims=claims_of(sramBytes=300_000, flashBytes=236_072), sources=("a paper",),
    ),
    ModelDescription(
        "yes-no-1", "Yes or no", INT8_SHA256, ("microphone",),
        claims=claims_of(
            sramBytes=1000, flashBytes=len(INT8_BYTES), macs=9, accuracy=0.921,
            trainingDataset="speech_commands",
        ),
        sources=("a paper",),
    ),
    ModelDescription(
        "yes-no-2", "Yes, no or silence", INT8_SHA256, ("microphone",),
        claims=claims_of(
            sramBytes=1472, flashBytes=1, macs=8, accuracy=0.932, trainingDataset="speech_commands"
        ),
        sources=("a paper",),
    ),
)  # fmt: skip
MEASUREMENTS: Final = (
    Measurement(INT8_SHA256, "tflm", "x86-64", "tflite-micro 0.1", arena_bytes=1472),
    Measurement(
        sha256(UPSAMPLER_BYTES),
        "tflm",
        "x86-64",
        "tflite-micro 0.1",
        refusal="it is no TFLite file",
    ),
)


def device(number: int, board: str, proof: Proof | None) -> bytes:
    """A Thing Description with a serial number, and with what is installed."""
    installed = (
        f'"fg:installedArtifact": {{"@id": "{proof_iri(proof)}#firmware"}},' if proof else ""
    )
    return (
        '{"@context": ["https://www.w3.org/2022/wot/td/v1.1",'
        ' {"fg": "https://w3id.org/fitgraph/ontology#"}],'
        f' "id": "urn:dev:ops:32473-{number}", "title": "Pump {number}",'
        f' "fg:serialNumber": "A-{number:04}", {installed}'
        ' "properties": {"temperature": {"type": "number", "readOnly": true,'
        f' "forms": [{{"href": "coap://pump-{number}.example.org/temperature"}}]}}}},'
        f' "links": [{{"rel": "type", "href": "{BASE}board/{board}"}}],'
        ' "securityDefinitions": {"none": {"scheme": "nosec"}}, "security": "none"}'
    ).encode()


def fill_for_questions(registry: Registry) -> None:
    """Adds everything above."""
    fill(registry)
    registry.add_mcus(mcu for mcu_id in MCUS if (mcu := catalogue_mcu(mcu_id)))
    catalogue = (catalogue_board(board_id) for board_id in CATALOGUE_BOARDS)
    registry.add_boards((*DESCRIBED_BOARDS, *(board for board in catalogue if board)))
    for runtime in runtime_profiles():
        if runtime.name in RUNTIMES:
            registry.add_runtime(runtime)
    pruned = replace(int8_graph(), sha256=PRUNED_SHA256, file_bytes=len(PRUNED_BYTES))
    anomaly = read_model(float_example("anomaly"))
    for name, graph, content in (
        ("dense-int8-pruned", pruned, PRUNED_BYTES),
        ("upsampler", upsampler(), UPSAMPLER_BYTES),
        ("anomaly", anomaly, float_example("anomaly")),
    ):
        registry.add_model(graph, model_facts(graph), content, name)
    registry.add_variant(PRUNED)
    registry.add_footprint(GCC_FOOTPRINT)
    registry.add_proof(GCC_PROOF)
    for description in DESCRIPTIONS:
        registry.add_description(description)
    registry.add_measurements(MEASUREMENTS)
    for number, board, proof in ((1, "large", PROOF), (2, "large", GCC_PROOF), (3, "small", None)):
        registry.add_thing(parse_document(device(number, board, proof), f"pump {number}"))
    registry.store.write(written_by_hand())


def written_by_hand() -> dict[Iri, list[Triple]]:
    """Graphs of the Turtle file, a fleet, its plan and a match, each by the IRI before a ``#``."""
    text = TURTLE.read_text(encoding="utf-8")
    for name, iri in short_names().items():
        text = text.replace(f"<{name}>", f"<{iri}>").replace(f"<{name}#", f"<{iri}#")
    graphs: dict[Iri, list[Triple]] = {}
    for quad in parse(text, format=RdfFormat.TURTLE):
        assert isinstance(quad.subject, NamedNode)
        graphs.setdefault(Iri(quad.subject.value.partition("#")[0]), []).append(quad.triple)
    return graphs


def short_names() -> dict[str, Iri]:
    """What digests are called in expected rows and in the Turtle file."""
    anomaly = read_model(float_example("anomaly")).sha256
    models = {
        "dense": FLOAT_SHA256,
        "dense-int8": INT8_SHA256,
        "dense-int8-pruned": PRUNED_SHA256,
        "upsampler": sha256(UPSAMPLER_BYTES),
        "anomaly": anomaly,
    }
    return {
        **{f"model:{name}": model_iri(digest) for name, digest in models.items()},
        **{f"footprint:{name}": footprint_iri(one) for name, one in FOOTPRINTS.items()},
        **{f"proof:{name}": proof_iri(one) for name, one in PROOFS.items()},
    }
