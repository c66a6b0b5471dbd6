"""``fitgraph explain``: reasons in numbers, and remedies that work: each is applied, and built."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from fitgraph.matcher.explanation import Explanation, Peak, Remedy, Shortfall
from fitgraph.matcher.verdict import Constraint, Match
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.catalogue import open_registry
from tests.support.command import Command
from tests.support.low_bit_models import LowBitNetwork

GOOD = ("fits", "likely")


def explained(fitgraph: Command, *arguments: str | Path) -> dict[str, Any]:
    done = fitgraph("explain", *arguments, "--json")
    assert done.code in (0, 1), done.err
    told: dict[str, Any] = done.json
    for remedy in told["remedies"]:
        assert remedy["match"]["verdict"] in GOOD
        assert all(c["satisfied"] for c in remedy["match"]["constraints"])
    return told


def by_kind(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The best remedy of each kind."""
    return {one["kind"]: one for one in reversed(told["remedies"])}


def apply(fitgraph: Command, remedy: dict[str, Any]) -> list[str]:
    """Does what the remedy's command says; the last command's words."""
    words: list[str] = []
    for command in remedy["command"].split(" && "):
        program, *words = shlex.split(command)
        assert program == "fitgraph"
        done = fitgraph(*words)
        assert done.code == 0, done.err
    return words


def builds(fitgraph: Command, folder: Path, model: str, board: str, *more: str) -> dict[str, Any]:
    done = fitgraph("build", model, "--board", board, "--output", folder, *more, "--json")
    assert done.code == 0, done.err
    footprint: dict[str, Any] = done.json["footprint"]
    return footprint


def test_what_is_short_is_told_by_region_and_where_memory_peaks(digits: Command) -> None:
    told = explained(digits, "digits", "nucleo-l031k6", "--quick")
    assert told["peak"] is None
    shown = {one["constraint"]: one for one in told["shortfalls"]}
    assert shown["sram"]["region"] == "SRAM"
    assert shown["sram"]["message"] == "sram is short by 8,576 bytes in region SRAM"
    for one in told["constraints"]:
        if one["name"] in shown:
            assert shown[one["name"]]["short"] == -one["margin"] > 0
    text = digits("explain", "digits", "nucleo-l031k6")
    assert text.code == 1
    assert "memory peaks at Conv #6: 24,576 B alive (pointwise.conv 16,384 B" in text.out
    assert "what would help" in text.out


def test_int8_and_pruning_are_built_before_they_are_offered_and_work(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    """The board has 64 KiB of flash for weights of 192 KiB, and no FPU.

    Three builds take a while.
    """
    calibration = repository / "examples" / "digits" / "calibration.npz"
    told = explained(digits, "digits", "stm32-blue-pill", "--calibration", calibration)
    found = by_kind(told)
    assert told["verdict"] == "no"
    for kind, variant in (("quantization", "digits-int8"), ("pruning", "digits-pruned-int8")):
        remedy = found[kind]
        assert remedy["saved_bytes"] > 0
        apply(digits, remedy)
        footprint = builds(digits, tmp_path / kind, variant, "stm32-blue-pill")
        promised = {c["name"]: c["required"] for c in remedy["match"]["constraints"]}
        assert footprint["flash_bytes"] == promised["flash"]
    board = found["another board"]
    apply_here = [*shlex.split(board["command"])[1:], "--output", str(tmp_path / "board")]
    assert digits(*apply_here).code == 0


def test_a_variant_of_random_calibration_is_only_likely(digits: Command) -> None:
    """Other samples may give other code, if only by some bytes."""
    told = explained(digits, "digits", "stm32-blue-pill")
    assert by_kind(told)["quantization"]["match"]["verdict"] == "likely"
    assert "random values" in by_kind(told)["quantization"]["words"]


def test_patches_keep_an_arena_within_what_ram_leaves(
    fitgraph: Command, shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "reference_kg" / "models" / "Magic_Wand_1.tflite"
    fitgraph("model", "add", path, "--name", "magic")
    told = explained(fitgraph, "magic", "nucleo-f030r8")
    remedy = by_kind(told)["patch-wise execution"]
    assert remedy["match"]["verdict"] == "fits"
    words = shlex.split(remedy["command"])[1:]
    done = fitgraph(*words, "--output", tmp_path / "patched", "--json")
    assert done.code == 0, done.err
    assert done.json["footprint"]["arena_bytes"] < told["peak"]["arena_bytes"]


def test_another_runtime_is_offered_where_one_runs_the_model(
    fitgraph: Command, shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "reference_kg" / "models" / "Hello_World.tflite"
    fitgraph("model", "add", path, "--name", "hello")
    told = explained(fitgraph, "hello", "nrf52840-dk", "--runtime", "microtvm")
    assert told["verdict"] == "unknown"
    runtimes = {one["match"]["runtime"]: one for one in told["remedies"]}
    assert {"fitgraph-c", "tflm", "tflm+cmsis-nn"} <= runtimes.keys()
    assert runtimes["fitgraph-c"]["match"]["verdict"] == "fits"
    assert runtimes["tflm"]["match"]["verdict"] == "likely"
    builds(fitgraph, tmp_path / "hello", "hello", "nrf52840-dk")


def test_another_runtime_is_offered_where_ours_has_no_compiler_and_its_command_tells_the_same(
    fitgraph: Command, shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "reference_kg" / "models" / "Hello_World.tflite"
    fitgraph("model", "add", path, "--name", "hello")
    told = explained(fitgraph, "hello", "esp32-s3-devkitc-1")
    assert told["verdict"] == "no"
    remedy = by_kind(told)["another runtime"]
    assert (remedy["match"]["runtime"], remedy["match"]["verdict"]) == ("tflm", "likely")
    apply(fitgraph, remedy)
    again = fitgraph("match", "hello", "--board", "esp32-s3-devkitc-1", "--runtime=tflm", "--json")
    assert again.json[0]["verdict"] == "likely"
    built = ("build", "hello", "--board", "esp32-s3-devkitc-1", "--runtime", "tflm")
    assert fitgraph(*built, "--output", tmp_path / "built").code == 0


def test_a_smaller_reserve_of_a_region_of_two_words_is_offered_as_a_shell_takes_it(
    digits: Command,
) -> None:
    told = explained(digits, "digits-int8", "stm32-blue-pill", "--reserve-flash", "20000")
    remedy = by_kind(told)["smaller reserve"]
    words = shlex.split(remedy["command"])
    assert words[-1].startswith("Flash memory=")
    assert digits("footprint", "digits-int8", "--isa", "armv7-m").code == 0
    (found,) = digits(*words[1:], "--json").json
    assert found["verdict"] == "fits"


def test_a_smaller_reserve_is_offered_by_as_much_as_is_short(digits: Command) -> None:
    told = explained(digits, "digits-int8", "bbc-microbit-v1", "--quick", "--reserve-sram", "15000")
    remedy = by_kind(told)["smaller reserve"]
    apply(digits, remedy)
    (found,) = digits(*shlex.split(remedy["command"])[1:], "--json").json
    assert found["verdict"] == "fits"
    left = int(remedy["command"].rpartition("=")[2])
    assert 0 <= left < 15_000


def test_boards_that_a_policy_forbids_are_not_offered(digits: Command, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "rule.ttl").write_text(
        "@prefix fg: <https://w3id.org/fitgraph/ontology#> .\n"
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:rule> a sh:NodeShape ; sh:targetClass fg:Match ;\n"
        '  sh:not [ sh:property [ sh:path ( fg:board fg:vendor ) ; sh:hasValue "Adafruit" ] ] .\n'
    )
    arguments = ("digits-int8", "nucleo-l031k6", "--quick")
    free = explained(digits, *arguments)
    bound = explained(digits, *arguments, "--policies", folder)
    boards = [one["match"]["board"] for one in free["remedies"]]
    assert boards
    assert not any(one["match"]["board"].startswith("adafruit") for one in bound["remedies"])


def test_a_model_that_fits_needs_no_remedy(digits: Command) -> None:
    told = explained(digits, "digits-int8", "bbc-microbit-v1", "--quick")
    assert (told["verdict"], told["remedies"], told["shortfalls"]) == ("fits", [], [])


@pytest.mark.parametrize("arguments", [("digit", "bbc-microbit-v1"), ("digits", "bbc-microbit-v3")])
def test_unknown_names_come_with_the_nearest(digits: Command, arguments: tuple[str, str]) -> None:
    done = digits("explain", *arguments)
    assert done.code == 2
    assert "did you mean" in done.err


@pytest.mark.parametrize("rate", ["0", "1", "-0.5", "nan"])
def test_a_rate_that_prunes_nothing_or_all_is_refused(digits: Command, rate: str) -> None:
    done = digits("prune", "digits", f"--rate={rate}")
    assert (done.code, "prunes nothing or all" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("file", "said"), [("digits.onnx", "is not a readable .npz"), ("test.npz", "it lacks 'image'")]
)
def test_samples_that_cannot_be_of_the_model_are_refused(
    digits: Command, repository: Path, file: str, said: str
) -> None:
    samples = repository / "examples" / "digits" / file
    done = digits("explain", "digits", "stm32-blue-pill", "--calibration", samples)
    assert (done.code, said in done.err) == (2, True)


@pytest.mark.parametrize(("kind", "size"), [("flash", "192K"), ("extflash", "8M")])
def test_weights_go_to_external_flash_where_no_memory_holds_the_image(
    digits: Command, repository: Path, tmp_path: Path, kind: str, size: str
) -> None:
    """192,512 B of weights and 6 KB of code: 64 KiB inside; nothing starts from what is outside.

    Of flash that could be started from, 192 KiB do not hold both.
    """
    text = (repository / "registry" / "boards" / "stm32-blue-pill.yaml").read_text()
    name = f"blue-pill-{kind}"
    text = text.replace("stm32-blue-pill", name).replace("mcu_id: stm32f103c8\n", "")
    text = text.replace(
        "other_names: [bluepill-f103c8, bluepill-stm32f103c8, stm32-min-dev-blue]\n", ""
    )
    where = f"kind: {kind}, base_address: 0x90000000, size: {size}"
    region = f"  - {{name: QSPI flash, {where}}}\n"
    board = tmp_path / "board.yaml"
    board.write_text(text.replace("sensors: []", f"{region}sensors: []"))
    added = digits("board", "add", board)
    assert added.code == 0, added.err
    told = explained(digits, "digits", name)
    assert told["verdict"] == "no"
    remedy = by_kind(told)["weights in external flash"]
    assert remedy["match"]["verdict"] == "fits"
    built = tmp_path / "built"
    done = digits(*shlex.split(remedy["command"])[1:], "--output", built, "--json")
    assert done.code == 0, done.err
    used = {one["region"]: one["used_bytes"] for one in done.json["proof"]["regions"]}
    assert 0 <= used["QSPI flash"] - done.json["footprint"]["weights_bytes"] < 16
    assert 0 < used["Flash memory"] < 64 * 1024
    again = digits("verify", built)
    assert again.code == 0, again.out
    refused = digits("build", "digits", "--board", name, "--weights-in", "SRAM")
    assert (refused.code, "no flash region 'SRAM'" in refused.err) == (2, True)


def test_weights_of_four_bits_are_offered_where_int8_is_still_too_large(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    """Weights of 49 KiB in int8, and 40 KiB of flash left."""
    calibration = repository / "examples" / "digits" / "calibration.npz"
    reserve = ("--reserve-flash", "24576")
    told = explained(digits, "digits", "stm32-blue-pill", "--calibration", calibration, *reserve)
    remedy = by_kind(told)["quantization"]
    assert (remedy["match"]["model"], remedy["match"]["verdict"]) == ("digits-int4", "fits")
    apply(digits, remedy)
    footprint = builds(digits, tmp_path / "built", "digits-int4", "stm32-blue-pill")
    promised = {c["name"]: c["required"] for c in remedy["match"]["constraints"]}
    assert footprint["flash_bytes"] == promised["flash"] < 40 * 1024


def test_packed_weights_are_offered_where_they_fit_and_give_what_was_told(
    fitgraph: Command, tmp_path: Path
) -> None:
    """80,000 weights of at most 4 bits in int8, and 64 KiB of flash; half of that is enough."""
    network = LowBitNetwork(1, "int8")
    network.image(1, 400)
    network.dense(400, 200, 4)
    path = tmp_path / "dense.tflite"
    path.write_bytes(network.subject().content)
    fitgraph("model", "add", path, "--name", "dense")
    told = explained(fitgraph, "dense", "stm32-blue-pill")
    assert told["verdict"] == "no"
    remedy = by_kind(told)["packed weights"]
    assert (remedy["match"]["verdict"], remedy["saved_bytes"] > 30_000) == ("fits", True)
    words = shlex.split(remedy["command"])[1:]
    done = fitgraph(*words, "--output", tmp_path / "packed", "--json")
    assert done.code == 0, done.err
    promised = {c["name"]: c["required"] for c in remedy["match"]["constraints"]}
    assert done.json["footprint"]["flash_bytes"] == promised["flash"] < 64 * 1024
    short = explained(fitgraph, "dense", "stm32-blue-pill", "--reserve-flash", "32K")
    assert "packed weights" not in by_kind(short)


def test_weights_of_eight_bits_are_not_offered_to_be_packed(
    fitgraph: Command, tmp_path: Path
) -> None:
    network = LowBitNetwork(1, "int8")
    network.image(1, 400)
    network.dense(400, 200, 8)
    path = tmp_path / "dense.tflite"
    path.write_bytes(network.subject().content)
    fitgraph("model", "add", path, "--name", "dense")
    told = explained(fitgraph, "dense", "stm32-blue-pill")
    assert told["verdict"] == "no"
    assert "packed weights" not in by_kind(told)


def test_patches_of_an_int8_variant_come_with_the_command_that_makes_it(
    digits: Command, repository: Path, tmp_path: Path
) -> None:
    calibration = repository / "examples" / "digits" / "calibration.npz"
    told = explained(
        digits,
        *("digits", "stm32-blue-pill", "--calibration", calibration),
        *("--reserve-sram", "16000"),
    )
    remedy = by_kind(told)["patch-wise execution"]
    assert remedy["command"].startswith("fitgraph quantize digits ")
    *_, last = remedy["command"].split(" && ")
    remedy["command"] += f" --output {tmp_path / 'patched'}"
    assert last.startswith("fitgraph build digits-int8 ")
    apply(digits, remedy)


def test_boards_that_nothing_can_be_linked_into_are_not_offered(digits: Command) -> None:
    """One of the same vendor with ample memory, of which no address is known, is likely at best."""
    known = builtin_board("bbc-microbit-v1")
    near = replace(
        known,
        board_id="near-one",
        vendor=builtin_board("nucleo-l031k6").vendor,
        regions=tuple(replace(one, base_address=None) for one in known.regions),
        mcu_link=None,
        other_names=(),
    )
    with open_registry(digits.store) as registry:
        registry.add_board(near)
    (found,) = digits("match", "digits-int8", "--board", "near-one", "--json").json
    assert found["verdict"] == "likely"
    told = explained(digits, "digits-int8", "nucleo-l031k6", "--quick")
    offered = [one["match"]["board"] for one in told["remedies"]]
    assert offered
    assert "near-one" not in offered


def test_the_document_names_every_field_of_an_explanation(repository: Path) -> None:
    """Who reads the JSON may rely on these names."""
    text = (repository / "docs" / "matching.md").read_text(encoding="utf-8")
    part = text.partition("### As data")[2].partition("\n\n## ")[0].partition("| record")[2]
    rows = {line.split("|")[1].strip(): line for line in part.splitlines() if line.count("|") > 2}
    records = {
        "explanation": Explanation,
        "remedy": Remedy,
        "shortfall": Shortfall,
        "peak": Peak,
        "match": Match,
        "constraint": Constraint,
    }
    for name, record in records.items():
        told = set(re.findall(r"`([a-z_]+)`", rows[name]))
        own = {one.name for one in fields(record)} - ({"match"} if name == "explanation" else set())
        assert own <= told, name


def test_the_record_of_an_explanation_has_these_fields(digits: Command) -> None:
    told = explained(digits, "digits", "stm32-blue-pill", "--quick")
    match = {one.name for one in fields(Match)}
    beside = {"shortfalls", "peak", "remedies", "latency_ms", "energy_uj"}
    assert set(told) == match | beside
    for remedy in told["remedies"]:
        assert set(remedy) == {one.name for one in fields(Remedy)}
        assert set(remedy["match"]) == match
