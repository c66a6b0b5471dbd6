"""``fitgraph match`` and ``fitgraph explain`` over real boards and a real footprint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Command


def test_what_was_measured_for_the_class_fits(digits: Command) -> None:
    (found,) = digits("match", "digits-int8", "--board", "bbc-microbit-v1", "--json").json
    assert found["verdict"] == "fits"
    assert {c["evidence"] for c in found["constraints"]} == {"measured"}
    assert {c["name"]: c["margin"] >= 0 for c in found["constraints"]} == {
        "operators": True, "isa_class": True, "flash": True, "sram": True,
    }  # fmt: skip


def test_a_board_that_is_too_small_is_no_and_ends_with_1(digits: Command) -> None:
    done = digits("match", "digits-int8", "--board", "nucleo-l031k6")
    assert done.code == 1
    assert "B short" in done.out


def test_explain_gives_every_constraint_with_its_numbers(digits: Command) -> None:
    done = digits("explain", "digits-int8", "nucleo-l031k6")
    assert done.code == 1
    for word in ("operators", "isa_class", "flash", "sram", "32,768", "measured", "short"):
        assert word in done.out
    (flash,) = [
        c
        for c in digits("explain", "digits-int8", "nucleo-l031k6", "--json").json["constraints"]
        if c["name"] == "flash"
    ]
    assert flash["required"] - flash["available"] == -flash["margin"] > 0


def test_another_class_is_only_likely_and_says_how_to_measure(digits: Command) -> None:
    done = digits("explain", "digits-int8", "bbc-microbit-v2")
    assert done.code == 0
    assert ": likely" in done.out
    assert "fitgraph footprint digits-int8 --isa armv7e-m+fp" in done.out


def test_a_model_that_was_never_built_is_unknown_and_names_the_one_command(
    digits: Command,
) -> None:
    done = digits("match", "digits", "--only", "unknown")
    assert done.code == 0
    assert "hint: run `fitgraph footprint digits` to measure it for every board" in done.out
    assert "--isa" not in done.out


def test_only_what_fits_is_shown_and_nothing_left_is_1(digits: Command) -> None:
    found = digits("match", "--only", "fits", "--json").json
    assert {one["verdict"] for one in found} == {"fits"}
    assert {one["model"] for one in found} == {"digits-int8"}
    nothing = digits("match", "digits", "--only", "fits", "--json")
    assert (nothing.code, nothing.json) == (1, [])


def test_all_models_on_all_boards_come_best_first(digits: Command) -> None:
    found = digits("match", "--json").json
    boards = digits("board", "list", "--json").json
    assert len(found) == 2 * len(boards)
    order = ["fits", "likely", "unknown", "no"]
    ranks = [order.index(one["verdict"]) for one in found]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("command", [("match",), ("match", "digits-int8"), ("model", "list")])
def test_json_stands_alone_on_stdout(digits: Command, command: tuple[str, ...]) -> None:
    done = digits.in_a_process(*command, "--json")
    assert done.json
    assert done.err == ""


def test_a_reserve_given_takes_room_and_a_negative_one_is_refused(digits: Command) -> None:
    fits = digits("match", "digits-int8", "--board", "bbc-microbit-v1", "--json").json
    assert fits[0]["verdict"] == "fits"
    tight = digits("explain", "digits-int8", "bbc-microbit-v1", "--reserve-sram", "15000")
    assert tight.code == 1
    short = digits("explain", "digits-int8", "bbc-microbit-v1", "--reserve-sram", "15K")
    assert "0 B free of 16,384 B" in short.out or "1,024 B free of 16,384 B" in short.out
    assert "B short" in tight.out
    named = digits("explain", "digits-int8", "bbc-microbit-v1", "--reserve-sram", "NOPE=1")
    assert (named.code, "no memory region 'NOPE'" in named.err) == (2, True)
    nowhere = digits("match", "digits-int8", "--reserve-sram", "RAMS=1")
    assert (nowhere.code, "boards has a memory region 'RAMS'" in nowhere.err) == (2, True)
    assert "did you mean" in nowhere.err
    some = digits("match", "digits-int8", "--reserve-sram", "DTCM=1", "--json")
    assert "boards have no memory region 'DTCM': nothing of it is reserved" in some.err
    assert {bool(one["notes"]) for one in some.json} == {True, False}
    twice = ("--reserve-sram", "RAM=1", "--reserve-sram", "RAM=2")
    contradicting = digits("match", "digits-int8", *twice)
    assert (contradicting.code, "both 1 B and 2 B of RAM" in contradicting.err) == (2, True)
    for bad in ("-1", "many"):
        done = digits("match", "digits-int8", f"--reserve-flash={bad}")
        assert done.code == 2
        assert "hint:" in done.err


def test_demands_stand_among_the_constraints(digits: Command) -> None:
    done = digits(
        "explain", "digits-int8", "bbc-microbit-v1", "--json", "--sensor", "accelerometer:50:3",
        "--mounted", "accelerometer:100:3", "--deadline-ms", "50", "--energy-uj", "900",
    )  # fmt: skip
    found = {c["name"]: c for c in done.json["constraints"]}
    assert list(found)[4:] == ["sensors", "input", "deadline", "energy"]
    assert found["sensors"]["satisfied"] is True
    assert found["energy"]["satisfied"] is None


@pytest.mark.parametrize("sensor", ["mikrophone", "microphone:fast", "microphone:1:2:3", ""])
def test_a_sensor_that_is_none_is_refused(digits: Command, sensor: str) -> None:
    done = digits("match", "digits-int8", "--sensor", sensor)
    assert (done.code, done.out) == (2, "")
    assert "hint:" in done.err


def test_the_front_has_no_match_that_another_beats(digits: Command, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("board,price_class\nbbc-microbit-v1,2\nnucleo-f030r8,1\n")
    everything = digits("match", "digits-int8", "--only", "fits", "--json").json
    front = digits(
        "match", "digits-int8", "--only", "fits", "--pareto", "--prices", str(prices), "--json"
    ).json
    assert 0 < len(front) < len(everything)
    ordered = digits("match", "--rank-by", "flash", "--only", "fits", "--json").json
    flash = [c["required"] for one in ordered for c in one["constraints"] if c["name"] == "flash"]
    assert flash == sorted(flash)
    prices.write_text("board,price\nx,1\n")
    assert digits("match", "--pareto", "--prices", str(prices)).code == 2


def test_a_policy_that_does_not_parse_names_its_line(digits: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("@prefix sh: <http://www.w3.org/ns/shacl#> .\nx\n")
    done = digits("match", "digits-int8", "--policies", str(tmp_path))
    assert done.code == 2
    assert "bad.ttl, line 2" in done.err


def test_a_footprint_under_tflm_gives_likely_and_under_others_is_refused(
    digits: Command, shared_data: Path
) -> None:
    path = shared_data / "reference_kg" / "models" / "Hello_World.tflite"
    digits("model", "add", str(path), "--name", "hello")
    unknown = digits("explain", "hello", "nrf52840-dk", "--runtime", "tflm", "--quick")
    assert "fitgraph footprint hello --isa armv7e-m+fp --runtime tflm" in unknown.out
    (found,) = digits(
        "footprint", "hello", "--runtime", "tflm", "--isa", "armv7e-m+fp", "--json"
    ).json
    assert (found["evidence"], found["arena_evidence"]) == ("estimate", "bound")
    (likely,) = digits(
        "match", "hello", "--board", "nrf52840-dk", "--runtime", "tflm", "--json"
    ).json
    assert likely["verdict"] == "likely"
    refused = digits("footprint", "hello", "--runtime", "microtvm")
    assert (refused.code, "cannot be measured here" in refused.err) == (2, True)
    missing = digits("explain", "hello", "nrf52840-dk", "--runtime", "microtvm")
    assert "nothing here tells what a model takes under microtvm" in missing.out


def test_what_the_interpreter_refuses_is_no_under_tflm(digits: Command, shared_data: Path) -> None:
    """A uint8 model, whose operators are all on TFLM's list."""
    path = shared_data / "reference_kg" / "models" / "Person_Detection.tflite"
    digits("model", "add", str(path), "--name", "person")
    assert digits("footprint", "person", "--runtime", "tflm").code == 2
    (found,) = digits(
        "match", "person", "--board", "nrf52840-dk", "--runtime", "tflm", "--json"
    ).json
    assert found["verdict"] == "no"
    assert "refuses the model" in found["constraints"][0]["message"]


def test_a_proof_tells_that_a_deadline_is_too_short_and_an_estimate_that_it_may_be_met(
    digits: Command, tmp_path: Path
) -> None:
    """A Cortex-M0 at 16 MHz needs a cycle for each of some 4 million instructions: over 200 ms."""
    board = "bbc-microbit-v1"
    assert digits("build", "digits-int8", "--board", board, "--output", tmp_path / "b").code == 0
    answers = {}
    for limit in ("50", "5000"):
        (found,) = digits(
            "match", "digits-int8", "--board", board, "--deadline-ms", limit, "--json"
        ).json
        deadline = next(c for c in found["constraints"] if c["name"] == "deadline")
        answers[limit] = (found["verdict"], deadline["satisfied"], deadline["evidence"])
        assert deadline["required"] > 100
    assert answers == {"50": ("no", False, "bound"), "5000": ("likely", True, "estimate")}
